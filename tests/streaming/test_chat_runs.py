"""The history of a chat: readers leave no event; later runs carry messages and offsets."""

import asyncio

from streaming.reader import StreamReader
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


async def test_resent_message_is_answered_once_also_in_a_later_run() -> None:
    model = answers("One.", "Two.")
    async with serving_chats(model) as client:
        chat = await start(client, turns_per_run=1)
        assert await say(chat, "a", id="first") == "One."
        assert await say(chat, "b") == "Two."
        assert await say(chat, "a", id="first") == "One."
        page = await read(chat)
        assert [event.text for event in page.events if event.kind != "text"] == ["b", "Two."]
        assert page.earlier
        assert [turn.answer for turn in page.earlier] == ["One."]
        assert len((await end(chat)).turns) == 2
        assert (await chat.describe()).run_id != chat.first_execution_run_id
    model.assert_complete()


async def test_full_run_continues_as_new_once_its_queue_is_empty() -> None:
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client, turns_per_run=2)
        pending = [await accepted(chat, "one"), await accepted(chat, "two")]
        writer.answer("One.")
        assert await pending[0].result() == "One."
        writer.write("Two")
        await until_streamed(chat, "Two")
        assert (await rejection(chat, "three")).type == "ChatBusy", "the queue must run empty"
        assert (await chat.describe()).run_id == chat.first_execution_run_id
        writer.answer(".")
        assert await pending[1].result() == "Two."
        writer.answer("Three.")
        assert await say(chat, "three") == "Three."
        assert (await chat.describe()).run_id != chat.first_execution_run_id
        assert (await read(chat, 9)).first == 7, "offsets start again"
        assert len((await end(chat)).turns) == 3


async def test_readers_leave_no_event_in_the_history() -> None:
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        sending = asyncio.create_task(say(chat, "a"))
        writer.write("Once")
        await until_streamed(chat, "Once")

        async def length() -> int:
            return (await chat.describe()).history_length

        before = await length()
        pages = await asyncio.gather(*(StreamReader(chat).read() for _ in range(20)))
        assert [page and page.end for page in pages] == [2] * 20
        assert await length() == before
        writer.finish()
        await sending
        await end(chat)
