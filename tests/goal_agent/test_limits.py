"""Limits of texts and starts, which count encoded bytes."""

from durable_agents import InvalidInput, root_cause

from datetime import timedelta

import pytest
from pydantic_core import to_json
from temporalio.client import WorkflowFailureError

from goal_agent import limits
from goal_agent.conversation import transcript
from goal_agent.conversation.transcript import validate_start
from goal_agent.limits import (
    MAX_PROMPT,
    MAX_START_BYTES,
    MAX_TEXT,
    MAX_TEXT_BYTES,
    clip,
    validate_prompt,
)
from goal_agent.models import CombinedInput, ToolParams
from goal_agent.run_worker import build_worker
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.conversations import end, obedient_model, start, wait_until_settled
from tests.harness.workers import serving

CONTROL = "\x01" * 100_000
PROMPT = "\x01" * 1_364  # the longest that can be queued


@pytest.mark.parametrize(
    "text", [CONTROL, "é" * 9_000, "😀" * 9_000, "a\ud83d", "x" * 9_000, "\0\u2028" * 4_000]
)
def test_clipped_text_is_valid_and_within_limits(text: str) -> None:
    clipped = clip(text)
    assert len(to_json(clipped)) <= MAX_TEXT_BYTES + 4
    assert len(clipped) <= MAX_TEXT + 4
    assert clip("as it was") == "as it was"


@pytest.mark.parametrize(
    ("prompt", "problem"),
    [
        ("😀" * MAX_PROMPT, None),
        ("\x01" * MAX_PROMPT, "is 12,002 bytes as JSON; the limit is 8,192"),
        ("x" * (MAX_PROMPT + 1), "is 2,001 characters; the limit is 2,000"),
        ("half \ud83d", "is not valid Unicode: half of a surrogate pair is missing"),
        ("\n ", "is empty"),
    ],
)
def test_prompt_limits_count_encoded_bytes(prompt: str, problem: str | None) -> None:
    if problem is None:
        validate_prompt(prompt)
        return
    with pytest.raises(InvalidInput) as rejected:
        validate_prompt(prompt)
    assert rejected.value.message == f"text {problem}"


def test_start_has_a_size_limit() -> None:
    summary = "x" * MAX_START_BYTES
    start = CombinedInput(
        agent_goal="book_trip", tool_params=ToolParams(conversation_summary=summary)
    )
    with pytest.raises(InvalidInput, match="the limit is 256,000"):
        validate_start(start)


async def test_conversation_continues_as_new_at_the_size_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_RUN_BYTES", 60_000)
    monkeypatch.setattr(transcript, "MAX_CARRIED_MESSAGES", 3)
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, *[PROMPT] * 8)
        now = await wait_until_settled(handle, 8)
        result = await end(handle)
    assert now.earlier > 0, "it did not continue as new at the size limit"
    assert result.answered == 8


async def test_too_large_start_fails() -> None:
    async with serving(build_worker, obedient_model()) as client:
        summary = "x" * MAX_START_BYTES
        params = ToolParams(conversation_summary=summary)
        handle = await client.start_workflow(
            AgentGoalWorkflow.run,
            CombinedInput(agent_goal="book_trip", tool_params=params),
            id="test-too-large",
            task_queue="agent-task-queue",
            execution_timeout=timedelta(seconds=30),
        )
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert root_cause(failure.value).type == "InvalidInput"
