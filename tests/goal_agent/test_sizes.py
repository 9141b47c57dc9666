"""Texts and starts have limits, which count what is encoded."""

from durable_agents import root_cause

from datetime import timedelta

import pytest
from pydantic_core import to_json
from temporalio.client import WorkflowFailureError

from goal_agent import sizes, talk
from goal_agent.models import MAX_PROMPT, CombinedInput, ToolParams
from goal_agent.run_worker import build_worker
from goal_agent.sizes import MAX_START_BYTES, MAX_TEXT, MAX_TEXT_BYTES, clip
from goal_agent.talk import problem_of, problem_of_start
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.talking import begin, end, obedient, settled
from tests.harness.workers import serving

CONTROL = "\x01" * 100_000
PROMPT = "\x01" * 1_364  # as much as may be queued


@pytest.mark.parametrize(
    "text", [CONTROL, "é" * 9_000, "😀" * 9_000, "a\ud83d", "x" * 9_000, "\0\u2028" * 4_000]
)
def test_a_clipped_text_fits_as_json_and_is_valid(text: str) -> None:
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
def test_a_prompt_is_measured_as_it_is_encoded(prompt: str, problem: str | None) -> None:
    assert problem_of(prompt) == problem


def test_a_start_is_bounded() -> None:
    summary = "x" * MAX_START_BYTES
    start = CombinedInput(
        agent_goal="book_trip", tool_params=ToolParams(conversation_summary=summary)
    )
    assert "the limit is 256,000" in (problem_of_start(start) or "")


async def test_a_conversation_of_control_characters_continues_as_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sizes, "MAX_RUN_BYTES", 60_000)
    monkeypatch.setattr(talk, "WORD_FOR_WORD", 3)
    async with serving(build_worker, obedient()) as client:
        handle = await begin(client, *[PROMPT] * 8)
        now = await settled(handle, 8)
        result = await end(handle)
    assert now.earlier > 0, "the size of its messages did not end the run"
    assert result.answered == 8


async def test_a_start_that_is_too_large_fails() -> None:
    async with serving(build_worker, obedient()) as client:
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
