"""A turn that fails leaves nothing behind, and the next one works."""

from durable_agents import root_cause

from typing import Any

import pytest
from agents import Runner, RunResult
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from customer_service.messaging import Handle
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from sample_cli.offline.faults import BEHAVIOUR
from sample_cli.offline.server import OfflineModel
from tests import runs
from tests.customer_service.conversations import answers, begin, history, lines_of, refusal, say
from tests.support import check, input_texts, serving

DOWN = ModelStep.raise_error(ApplicationError("Down", type="ModelDown", non_retryable=True))
OTHERS = sorted({*BEHAVIOUR, "400", "401", "403"} - {"empty", "tool_loop"})
NAMED = {"ModelBehaviorError", "MaxTurnsExceeded"}
REFUSED = {"BadRequestError", "AuthenticationError", "PermissionDeniedError"}


async def test_a_failed_turn_leaves_history_agent_and_context_as_before() -> None:
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
        handle = await begin(client)
        before = await say(handle, "Hello", 0)
        error = await refusal(handle, "Seat 12A, I am ABC123", 2)
        assert error.type == "TurnFailed"
        assert root_cause(error).type == "ModelDown"
        now = await handle.query(CustomerServiceWorkflow.get_status)
        assert (await history(handle), now.agent, now.doing) == (before, "Triage agent", "")
        await say(handle, "Another seat!", 2)
    model.assert_complete()
    assert "Seat 12A, I am ABC123" not in input_texts(model.calls[4])
    assert "confirmation number unknown" in (model.calls[5].system_instructions or "")
    assert "seat unknown" in (model.calls[5].system_instructions or "")


def calling_a_person() -> ScriptedModel:
    """Return a model that calls a person, fails, and calls again."""
    call = {"reason": "Lost bag."}
    return ScriptedModel(
        [
            [function_call("escalate_to_human", call, call_id="one")],
            DOWN,
            [function_call("escalate_to_human", call, call_id="two")],
            [assistant_message("Someone will come.")],
        ]
    )


async def test_a_person_who_was_called_in_a_failed_turn_stays_called() -> None:
    model = calling_a_person()
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        assert (await refusal(handle, "A person!", 0)).type == "TurnFailed"
        assert (await handle.query(CustomerServiceWorkflow.get_status)).escalated
        assert await say(handle, "A person!", 0) == ["User: A person!"]
    assert input_texts(model.calls[1])[-1].startswith("A person has been told and")
    assert len(model.calls) == 2


async def test_where_nobody_can_be_told_the_model_says_so_and_the_flag_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", "no-such-service://")
    model = calling_a_person()
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        await refusal(handle, "A person!", 0)
        assert (await handle.query(CustomerServiceWorkflow.get_status)).escalated
        assert "Triage agent: Someone will come." in await say(handle, "A person!", 0)
    for call in (model.calls[1], model.calls[3]):  # tried anew each time
        assert input_texts(call)[-1].endswith("but nobody could be told at the moment.")


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
async def test_an_odd_error_in_workflow_code_fails_its_turn_only(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Agents SDK raises such errors while it reads an answer."""
    run, errors = Runner.run, [error]

    async def odd(*args: Any, **options: Any) -> RunResult:
        if errors:
            raise errors.pop()
        return await run(*args, **options)

    monkeypatch.setattr(Runner, "run", odd)
    async with serving(build_worker, answers(1), 0) as client:  # the error comes once: no replay
        handle = await begin(client)
        failure = await refusal(handle, "Zero", 0)
        assert failure.type == "TurnFailed"
        assert root_cause(failure).type == type(error).__name__
        assert await history(handle) == []
        assert await say(handle, "One", 0) == lines_of("One")


async def test_an_answer_too_long_to_keep_fails_its_turn_only() -> None:
    long = "\x01" * 270_000  # 1.6 MB of JSON
    model = ScriptedModel([[assistant_message(long)], [assistant_message("Answer 1.")]])
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        failure = await refusal(handle, "Zero", 0)
        assert root_cause(failure).type == "TooLarge"
        assert await history(handle) == []
        assert await say(handle, "One", 0) == lines_of("One")


async def failure_of_turn(handle: Handle, text: str) -> str | None:
    """Return the type of what a turn fails with, if it does."""
    try:
        await say(handle, text, 0)
    except WorkflowUpdateFailedError as error:
        return root_cause(error).type
    return None


@pytest.mark.parametrize(
    "kind",
    ["empty", "tool_loop", *(pytest.param(k, marks=pytest.mark.matrix) for k in OTHERS)],
)
async def test_a_misbehaving_model_fails_the_turn_by_name_or_is_outlived(
    kind: str, model: OfflineModel
) -> None:
    async with runs.serving("customer_service") as (client, worker):
        handle = await begin(client)
        model.faults.always(kind)
        failure = await failure_of_turn(handle, "How many bags may I take?")
        if failure:
            assert failure in NAMED | REFUSED
            assert await history(handle) == []
        model.faults.clear()
        await handle.execute_update(CustomerServiceWorkflow.hand_back)  # it may have escalated
        length = len(await history(handle))
        lines = await say(handle, "Is there wifi?", length)
        assert "Skyward" in lines[-1]
        model.faults.always(kind)  # the summary must not keep the conversation from its end
        result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
        assert result.summary
        await check([await handle.fetch_history()], client, worker)
    assert await handle.result() == result
