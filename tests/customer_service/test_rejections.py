"""Invalid messages are rejected with a reason, and leave no event."""

from durable_agents import root_cause

import asyncio

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem
from pydantic_core import to_json
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from customer_service.client import Chat
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from tests.customer_service.conversations import answers, history, lines_of, rejection, say, start
from tests.harness.workers import serving

ACCEPTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED


async def test_invalid_or_out_of_order_message_is_rejected_and_leaves_no_event() -> None:
    async with serving(build_worker, answers(2)) as client:
        handle = await start(client)
        await say(handle, "One", 0)
        for text, length, type, reason in [
            (" \n", 2, "InvalidInput", "user_input is empty"),
            ("x" * 2001, 2, "InvalidInput", "2,001 characters; the limit is 2,000"),
            ("Two", 0, "NotYourTurn", "chat_length is 0; the conversation has 2 lines"),
            ("Two", 3, "NotYourTurn", "chat_length is 3; the conversation has 2 lines"),
        ]:
            error = await rejection(handle, text, length)
            assert error.type == type
            assert reason in error.message
        await say(handle, "Two", 2)
        assert await history(handle) == lines_of("One", "Two")
        events = (await handle.fetch_history()).events
    assert [event.event_type for event in events].count(ACCEPTED) == 2


@pytest.mark.parametrize("arguments", [[{"user_input": "Hi"}], [{"chat_length": -1}], ["Hi"]])
async def test_malformed_message_is_rejected_and_leaves_no_event(arguments: list[object]) -> None:
    async with serving(build_worker, answers(0)) as client:
        handle = await start(client)
        with pytest.raises(WorkflowUpdateFailedError) as failure:
            await handle.execute_update("process_user_message", args=arguments)
        events = (await handle.fetch_history()).events
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "InvalidInput"
    assert ACCEPTED not in [event.event_type for event in events]


async def test_message_is_rejected_while_a_turn_is_in_flight() -> None:
    called, may_answer = asyncio.Event(), asyncio.Event()

    async def slow(_call: ModelCall) -> list[ResponseOutputItem]:
        called.set()
        await may_answer.wait()
        return [assistant_message("Answer 1.")]

    async with serving(build_worker, ScriptedModel([ModelStep.respond(slow)])) as client:
        handle = await start(client)
        first = asyncio.create_task(say(handle, "One", 0))
        await called.wait()
        now = await handle.query(CustomerServiceWorkflow.get_status)
        assert (now.agent, now.doing) == ("Triage agent", "is thinking")
        error = await rejection(handle, "Me too", 0)
        assert (error.type, error.message.split(":")[0]) == (
            "NotYourTurn",
            "another message is being answered",
        )
        with pytest.raises(WorkflowUpdateFailedError) as rejected:
            await handle.execute_update(CustomerServiceWorkflow.hand_back)
        assert root_cause(rejected.value).type == "NotYourTurn"
        may_answer.set()
        assert await first == lines_of("One")


async def test_message_is_rejected_after_the_end() -> None:
    async with serving(build_worker, answers(0)) as client:
        handle = await start(client)
        await handle.execute_update(CustomerServiceWorkflow.end_conversation)
        shown: list[str] = []
        assert await Chat(handle, show=shown.append).send("Hello?")
    assert shown[-1].startswith("Not answered: Hello? (ConversationEnded: ")


@pytest.mark.parametrize("text", ["x" * 2_000, "\x01" * 2_000], ids=["plain", "control"])
async def test_message_is_rejected_when_the_history_is_too_long(text: str) -> None:
    """The size is that of the JSON encoding, where a control character takes six bytes."""
    line = f"User: {text}"
    lines = [line] * (1_000_000 // (len(to_json(line)) + 1))
    model = ScriptedModel([[assistant_message(text)], [assistant_message("Bye.")]])
    async with serving(build_worker, model) as client:
        handle = await start(client, history=lines, turns_per_run=1)
        await say(handle, text, len(lines))
        length = len(lines) + 2
        error = await rejection(handle, "Hi", length)  # from the next run, which has the state
        assert len(await history(handle)) == length
        result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
    assert error.message == "the conversation is too long: end it, and start another"
    assert result.summary == "Bye."
