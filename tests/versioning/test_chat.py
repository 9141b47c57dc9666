"""A chat takes messages one at a time, and rejects invalid ones."""

import asyncio

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message
from temporalio.client import WorkflowUpdateFailedError

from tests.harness.workers import bad_request, input_texts, promptly
from tests.versioning.builds import Handle, Held, accept, accepted, end, rollout, say, start
from versioning.models import MAX_MESSAGE_LENGTH
from versioning.turns import MAX_PENDING
from versioning.workflows.deploy import VersionedChatWorkflow


async def rejection(handle: Handle, text: str) -> str | None:
    """Return the type of the error with which a message is rejected, or fails."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await say(handle, text)
    return getattr(failure.value.cause, "type", None)


async def test_invalid_messages_are_rejected() -> None:
    async with rollout() as deployment:
        chat = await start(deployment)
        assert await rejection(chat, " ") == "InvalidInput"
        assert await rejection(chat, "x" * (MAX_MESSAGE_LENGTH + 1)) == "InvalidInput"
        assert await end(chat) == 0


async def test_failed_turn_leaves_the_history_as_before() -> None:
    answer = [assistant_message("Yes.")]
    model = ScriptedModel([ModelStep.raise_error(bad_request()), answer])
    async with rollout(model) as deployment:
        chat = await start(deployment)
        assert await rejection(chat, "one") == "TurnFailed"
        assert await say(chat, "two") == "Yes."
        assert input_texts(model.calls[-1]) == ["two"]
        assert await end(chat) == 1


async def test_model_gets_the_turns_before_a_move() -> None:
    model = ScriptedModel([[assistant_message("Yes.")], [assistant_message("No.")]])
    async with rollout(model) as deployment:
        chat = await start(deployment)
        await say(chat, "one")
        await deployment.set_current("v2")
        await say(chat, "two")
    assert input_texts(model.calls[-1]) == ["one", "Yes.", "two"]


async def test_pending_messages_are_limited_and_answered_before_the_end() -> None:
    model = Held()
    async with rollout(model) as deployment:
        chat = await start(deployment)
        pending = [await accept(chat, str(number)) for number in range(MAX_PENDING)]
        assert await rejection(chat, "one too many") == "TooManyMessages"
        await chat.execute_update(VersionedChatWorkflow.end)
        assert await rejection(chat, "too late") == "ChatEnded"
        model.release.set()
        answers = [await each.result() for each in pending]
        assert answers == [f"Re: {number}" for number in range(MAX_PENDING)]
        assert await chat.result() == MAX_PENDING


async def test_pending_messages_move_together_and_only_the_first_is_answered_by_v1() -> None:
    model = Held()
    async with rollout(model) as deployment:
        chat = await start(deployment)
        sending = [asyncio.create_task(say(chat, str(n))) for n in range(MAX_PENDING)]
        await promptly(accepted(chat, MAX_PENDING), "the messages")
        await deployment.set_current("v2")
        model.release.set()
        answers = await promptly(asyncio.gather(*sending), "the answers")
        assert sum("with stock" in answer for answer in answers) == MAX_PENDING - 1
        assert model.calls == await end(chat) == MAX_PENDING
