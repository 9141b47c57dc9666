"""A durable chat: answers, memory, rejections, failed turns, and the end."""

from durable_agents import root_cause
from durable_agents.messages import last_turns_within

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call
from openai.types.responses import ResponseOutputItem
from pydantic import JsonValue

from conversations.limits import (
    MAX_HISTORY_BYTES,
    MAX_MESSAGE_LENGTH,
    MAX_PENDING,
    MAX_TURN_BYTES,
)
from conversations.run_chat_client import main
from conversations.run_worker import build_worker
from conversations.workflows.chat import ChatWorkflow
from tests.conversations.chats import (
    Held,
    accepted,
    answers,
    end,
    history,
    rejection,
    say,
    start,
)
from tests.harness.workers import bad_request, input_texts, serving

SAID = "user: One\nassistant: Answer 1.\nuser: Two\nassistant: Answer 2."


async def test_client_sends_messages_shows_answers_and_ends_the_chat(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = answers(2)
    async with serving(build_worker, model):
        await main(message=["One", "Two"], end=True)
    assert capsys.readouterr().out.splitlines()[1:] == [
        *("You: One", "Gardener: Answer 1.", "You: Two", "Gardener: Answer 2."),
        "The chat has ended. All was answered.",
    ]
    assert input_texts(model.calls[1]) == ["One", "Answer 1.", "Two"]
    assert input_texts(model.calls[2]) == [SAID]
    model.assert_complete()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "text is empty"),
        (" \n", "text is empty"),
        ("x" * (MAX_MESSAGE_LENGTH + 1), "text is 4,001 characters; the limit is 4,000"),
    ],
)
async def test_invalid_message_is_rejected_and_leaves_no_event(text: str, reason: str) -> None:
    async with serving(build_worker, answers(0)) as client:
        handle = await start(client)
        error = await rejection(say(handle, text))
        events = (await handle.fetch_history()).events
        assert await end(handle) == "Nothing was said."
    assert (error.type, error.message) == ("InvalidInput", reason)
    assert not [event for event in events if "update" in str(event.WhichOneof("attributes"))]


async def test_accepted_messages_are_answered_in_order_and_later_ones_rejected() -> None:
    held = Held(calls=MAX_PENDING)
    async with serving(build_worker, held.model) as client:
        handle = await start(client)
        sent = [await accepted(handle, f"{number}") for number in range(MAX_PENDING)]
        excess = await rejection(say(handle, "too many"))
        await handle.execute_update(ChatWorkflow.end)
        late = await rejection(say(handle, "too late"))
        held.release.set()
        assert [await update.result() for update in sent] == [f"Re: {n}" for n in range(6)]
        assert (await handle.result()).startswith("Re: user: 0\nassistant: Re: 0\nuser: 1\n")
    assert (excess.type, late.type) == ("TooManyMessages", "ChatEnded")


def too_long(_call: ModelCall) -> list[ResponseOutputItem]:
    return [assistant_message("y" * MAX_TURN_BYTES)]


@pytest.mark.parametrize(
    ("step", "cause"),
    [
        (ModelStep.raise_error(bad_request()), "BadRequestError"),
        ([function_call("unknown", {}, call_id="1")], "ModelBehaviorError"),
        (ModelStep.respond(too_long), "TooLarge"),
    ],
)
async def test_failed_turn_leaves_the_history_as_before(step: ModelStep, cause: str) -> None:
    model = ScriptedModel([[assistant_message("Hi.")], step, [assistant_message("Hi again.")]])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await say(handle, "One")
        error = await rejection(say(handle, "Two"))
        assert await history(handle) == ["One", "Hi."]
        assert await say(handle, "Three") == "Hi again."
        await handle.terminate()
    assert error.type == "TurnFailed"
    assert root_cause(error).type == cause
    assert input_texts(model.calls[2]) == ["One", "Hi.", "Three"]


def test_history_keeps_the_last_turns_that_fit() -> None:
    turn: list[dict[str, JsonValue]] = [{"role": "user", "content": "x" * 50_000}]
    assert last_turns_within(MAX_HISTORY_BYTES, turn * 3) == turn * 2
