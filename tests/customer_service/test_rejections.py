"""Messages that a conversation does not take: said why, and not recorded."""

import asyncio

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem
from pydantic_core import to_json
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from customer_service.errors import ConversationEnded
from customer_service.messaging import send, type_of
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from tests.customer_service.conversations import answers, begin, history, lines_of, refusal, say
from tests.harness.workers import serving

ACCEPTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED


async def test_what_does_not_fit_is_rejected_unrecorded() -> None:
    async with serving(build_worker, answers(2)) as client:
        handle = await begin(client)
        await say(handle, "One", 0)
        for text, length, type, says in [
            (" \n", 2, "InvalidInput", "user_input is empty"),
            ("x" * 2001, 2, "InvalidInput", "2,001 characters: the limit is 2,000"),
            ("Two", 0, "NotYourTurn", "chat_length is 0, but the conversation has 2 lines"),
            ("Two", 3, "NotYourTurn", "chat_length is 3, but the conversation has 2 lines"),
        ]:
            error = await refusal(handle, text, length)
            assert error.type == type
            assert says in error.message
        await say(handle, "Two", 2)
        assert await history(handle) == lines_of("One", "Two")
        events = (await handle.fetch_history()).events
    assert [event.event_type for event in events].count(ACCEPTED) == 2


@pytest.mark.parametrize("arguments", [[{"user_input": "Hi"}], [{"chat_length": -1}], ["Hi"]])
async def test_an_untyped_message_is_rejected_unrecorded(arguments: list[object]) -> None:
    async with serving(build_worker, answers(0)) as client:
        handle = await begin(client)
        with pytest.raises(WorkflowUpdateFailedError) as failure:
            await handle.execute_update("process_user_message", args=arguments)
        events = (await handle.fetch_history()).events
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "InvalidInput"
    assert ACCEPTED not in [event.event_type for event in events]


async def test_a_message_while_another_is_answered_is_rejected() -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def slow(_call: ModelCall) -> list[ResponseOutputItem]:
        asked.set()
        await may_answer.wait()
        return [assistant_message("Answer 1.")]

    async with serving(build_worker, ScriptedModel([ModelStep.respond(slow)])) as client:
        handle = await begin(client)
        first = asyncio.create_task(say(handle, "One", 0))
        await asked.wait()
        now = await handle.query(CustomerServiceWorkflow.get_status)
        assert (now.agent, now.doing) == ("Triage agent", "is thinking")
        error = await refusal(handle, "Me too", 0)
        assert (error.type, error.message.split(":")[0]) == (
            "NotYourTurn",
            "another message is being answered",
        )
        with pytest.raises(WorkflowUpdateFailedError) as rejected:
            await handle.execute_update(CustomerServiceWorkflow.hand_back)
        assert type_of(rejected.value) == "NotYourTurn"
        may_answer.set()
        assert await first == lines_of("One")


async def test_a_message_to_an_ended_conversation_is_rejected() -> None:
    async with serving(build_worker, answers(0)) as client:
        handle = await begin(client)
        await handle.execute_update(CustomerServiceWorkflow.end_conversation)
        with pytest.raises(ConversationEnded):
            await send(handle, "Hello?", 0)


@pytest.mark.parametrize("text", ["x" * 2_000, "\x01" * 2_000], ids=["plain", "control"])
async def test_a_conversation_grown_too_long_takes_no_more(text: str) -> None:
    """Length is that of its JSON, in which a control character takes six bytes."""
    line = f"User: {text}"
    lines = [line] * (1_000_000 // (len(to_json(line)) + 1))
    model = ScriptedModel([[assistant_message(text)], [assistant_message("Bye.")]])
    async with serving(build_worker, model) as client:
        handle = await begin(client, history=lines, turns_per_run=1)
        await say(handle, text, len(lines))
        length = len(lines) + 2
        error = await refusal(handle, "Hi", length)  # of the next run: it got the state
        assert len(await history(handle)) == length
        result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
    assert error.message == "the conversation is too long: end it, and begin another"
    assert result.summary == "Bye."
