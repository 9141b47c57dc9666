"""Limits of texts and starts, which count encoded bytes."""

from durable_agents import root_cause

from datetime import timedelta
from uuid import uuid4

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from temporalio.client import WorkflowFailureError

from goal_agent import TASK_QUEUE, models
from goal_agent.conversation import transcript
from goal_agent.limits import MAX_PROMPT, MAX_TEXT, MAX_TEXT_BYTES, clip
from goal_agent.models import Prompt
from goal_agent.run_worker import build_worker
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
        ("\x01" * MAX_PROMPT, "12,002 bytes as JSON; the limit is 8,192"),
        ("x" * (MAX_PROMPT + 1), "at most 2000 characters"),
        ("half \ud83d", "unicode"),
        ("\n ", "match pattern"),
    ],
)
def test_prompt_limits_count_encoded_bytes(prompt: str, problem: str | None) -> None:
    validator = TypeAdapter(Prompt)
    if problem is None:
        validator.validate_python(prompt)
        return
    with pytest.raises(ValidationError, match=problem):
        validator.validate_python(prompt)


async def test_conversation_continues_as_new_at_the_size_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transcript, "MAX_RUN_BYTES", 60_000)
    monkeypatch.setattr(models, "MAX_CARRIED_MESSAGES", 3)
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, *[PROMPT] * 8)
        now = await wait_until_settled(handle, 8)
        result = await end(handle)
    assert now.earlier > 0, "it did not continue as new at the size limit"
    assert result.answered == 8


async def test_invalid_start_fails() -> None:
    pending = {"step_id": "1", "tool": "find_events", "args": {}, "state": "waiting"}
    async with serving(build_worker, obedient_model()) as client:
        for params, problem in [
            ({"conversation_summary": "x" * 5_000}, "at most 4004 characters"),
            ({"messages": [{"actor": "user", "text": "Hi"}] * 21}, "at most 20 items"),
            ({"tool_data": pending}, "a pending step"),
            ({"prompt_queue": [" "]}, "match pattern"),
            ({"prompt_queue": ["x" * 2001]}, "at most 2000 characters"),
            ({"prompt_queue": ["x"] * 21}, "at most 20 items"),
        ]:
            handle = await client.start_workflow(
                "AgentGoalWorkflow",
                {"agent_goal": "book_trip", "tool_params": params},
                id=f"test-{uuid4()}",
                task_queue=TASK_QUEUE,
                execution_timeout=timedelta(seconds=30),
            )
            with pytest.raises(WorkflowFailureError) as failure:
                await handle.result()
            cause = root_cause(failure.value)
            assert (cause.type, problem in cause.message) == ("InvalidInput", True), cause
