"""A failed turn leaves the conversation as before, and the next turn works."""

from durable_agents import root_cause

from typing import Any

import pytest
from agents import Runner, RunResult
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from temporalio.exceptions import ApplicationError

from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from tests.customer_service.conversations import answers, history, lines_of, rejection, say, start
from tests.harness.workers import input_texts, serving

DOWN = ModelStep.raise_error(ApplicationError("Down", type="ModelDown", non_retryable=True))


async def test_failed_turn_leaves_history_agent_and_context_as_before() -> None:
    seat = {"confirmation_number": "ABC123", "new_seat": "12A"}
    model = ScriptedModel(
        [
            [assistant_message("Hello!")],
            [function_call("transfer_to_seat_booking_agent", {}, call_id="to seats")],
            [function_call("update_seat", seat, call_id="seat")],
            DOWN,
            [function_call("transfer_to_seat_booking_agent", {}, call_id="to seats again")],
            [assistant_message("Which seat?")],
        ]
    )
    async with serving(build_worker, model) as client:
        handle = await start(client)
        before = await say(handle, "Hello", 0)
        error = await rejection(handle, "Seat 12A, I am ABC123", 2)
        assert error.type == "TurnFailed"
        assert root_cause(error).type == "ModelDown"
        now = await handle.query(CustomerServiceWorkflow.get_status)
        assert (await history(handle), now.agent, now.doing) == (before, "Triage agent", "")
        await say(handle, "Another seat!", 2)
    model.assert_complete()
    assert "Seat 12A, I am ABC123" not in input_texts(model.calls[4])
    assert "confirmation number unknown" in (model.calls[5].system_instructions or "")
    assert "seat unknown" in (model.calls[5].system_instructions or "")


@pytest.mark.parametrize(
    "error",
    [
        AttributeError("x"),
        RecursionError("x"),
        TypeError("x"),
        UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "x"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_unexpected_error_in_workflow_code_fails_only_its_turn(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Agents SDK raises such errors while it parses a model response."""
    run, errors = Runner.run, [error]

    async def failing(*args: Any, **options: Any) -> RunResult:
        if errors:
            raise errors.pop()
        return await run(*args, **options)

    monkeypatch.setattr(Runner, "run", failing)
    async with serving(build_worker, answers(1), 0) as client:  # raised once: no replay
        handle = await start(client)
        failure = await rejection(handle, "Zero", 0)
        assert failure.type == "TurnFailed"
        assert root_cause(failure).type == type(error).__name__
        assert await history(handle) == []
        assert await say(handle, "One", 0) == lines_of("One")


async def test_answer_too_long_to_store_fails_only_its_turn() -> None:
    long = "\x01" * 270_000  # 1.6 MB of JSON
    model = ScriptedModel([[assistant_message(long)], [assistant_message("Answer 1.")]])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        failure = await rejection(handle, "Zero", 0)
        assert failure.type == "TurnFailed"
        assert root_cause(failure).type == "TooLarge"
        assert await history(handle) == []
        assert await say(handle, "One", 0) == lines_of("One")
