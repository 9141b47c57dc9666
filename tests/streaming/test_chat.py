"""A chat: one turn at a time, resent messages, limits, failures, and later runs."""

import asyncio

from agents.testing import ModelStep, ScriptedModel, assistant_message

from streaming.chat import MAX_PENDING
from streaming.errors import ChatBusy
from streaming.models import MAX_ANSWER_BYTES, MAX_MESSAGE_LENGTH
from tests.harness.workers import bad_request, input_texts
from tests.streaming.chats import (
    Writer,
    accepted,
    answers,
    end,
    read,
    rejection,
    say,
    serving_chats,
    start,
    until_streamed,
)


async def test_chat_answers_from_the_whole_conversation() -> None:
    model = answers("One.", "Two.", "Three.")
    async with serving_chats(model) as client:
        chat = await start(client)
        assert [await say(chat, text) for text in ("a", "b", "c")] == ["One.", "Two.", "Three."]
        turns = (await end(chat)).turns
        assert (await chat.result()).turns == turns
    assert input_texts(model.calls[2]) == ["a", "One.", "b", "Two.", "c"]
    assert [(turn.number, turn.question, turn.answer) for turn in turns] == [
        (1, "a", "One."),
        (2, "b", "Two."),
        (3, "c", "Three."),
    ]


async def test_messages_are_answered_one_at_a_time_in_order() -> None:
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        sending = [asyncio.create_task(say(chat, f"{number}")) for number in range(3)]
        for number in range(3):
            writer.write(f"Answer {number}.")
            await until_streamed(chat, f"Answer {number}.")
            assert writer.calls == number + 1
            writer.finish()
        assert sorted(await asyncio.gather(*sending)) == [f"Answer {n}." for n in range(3)]
        await end(chat)


async def test_bad_message_is_rejected() -> None:
    async with serving_chats(ScriptedModel()) as client:
        chat = await start(client)
        error = await rejection(chat, " \n")
        assert (error.type, error.message) == ("InvalidInput", "text is empty")
        error = await rejection(chat, "x" * (MAX_MESSAGE_LENGTH + 1))
        assert error.message == "text is 4,001 characters; the limit is 4,000"
        await end(chat)


async def test_message_beyond_the_queue_is_rejected_until_there_is_room() -> None:
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        pending = [await accepted(chat, f"{number}") for number in range(MAX_PENDING)]
        error = await rejection(chat, "one more")
        assert error.type == "ChatBusy"
        assert error.message == "5 messages are waiting for an answer; resend this one later"
        assert ChatBusy(1).message == "1 message is waiting for an answer; resend this one later"
        for _ in range(MAX_PENDING + 1):
            writer.answer("Done.")
        assert [await update.result() for update in pending] == ["Done."] * MAX_PENDING
        assert await say(chat, "one more") == "Done."
        await end(chat)


async def test_failed_turn_leaves_the_chat_as_before() -> None:
    failing = ModelStep.raise_error(bad_request("Too rude."))
    model = ScriptedModel([[assistant_message("One.")], failing, [assistant_message("Two.")]])
    async with serving_chats(model) as client:
        chat = await start(client)
        await say(chat, "a")
        error = await rejection(chat, "rude")
        assert error.type == "TurnFailed"
        assert error.message.startswith("the message was not answered: BadRequestError: Too rude.")
        event = (await read(chat)).events[-1]
        assert event.kind == "failure"
        assert event.text.startswith("BadRequestError: Too rude.")
        assert await say(chat, "b") == "Two."
        assert [turn.number for turn in (await end(chat)).turns] == [1, 3]
    assert input_texts(model.calls[2]) == ["a", "One.", "b"]


async def test_answer_above_the_limit_fails_its_turn() -> None:
    async with serving_chats(answers("x" * MAX_ANSWER_BYTES)) as client:
        chat = await start(client)
        error = await rejection(chat, "a")
        assert "TooLarge: the answer is 256,002 bytes; the limit is 256,000" in error.message
        assert (await end(chat)).turns == []
