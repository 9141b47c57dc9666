"""A chat ends on request and with its workflow; nothing is left hanging."""

from durable_agents import root_cause

import asyncio

import pytest
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError

from streaming.reader import StreamReader
from tests.streaming.chats import (
    Writer,
    answers,
    end,
    read,
    say,
    serving_chats,
    start,
    until_streamed,
)


async def test_end_stops_the_turn_in_flight_and_rejects_pending_messages() -> None:
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        sending = [asyncio.create_task(say(chat, f"{number}")) for number in range(2)]
        writer.write("Once")
        await until_streamed(chat, "Once")
        async with asyncio.timeout(10):
            assert (await end(chat)).turns == []
        for failure in await asyncio.gather(*sending, return_exceptions=True):
            assert isinstance(failure, WorkflowUpdateFailedError)
            assert root_cause(failure).type == "ChatEnded"
        page = await read(chat)
        assert page.ended
        assert not page.busy
        assert page.events[-1].text == "the chat ended"
        assert (await chat.result()).turns == []


async def test_cancelled_workflow_stops_its_turn() -> None:
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        sending = asyncio.create_task(say(chat, "a"))
        writer.write("Once")
        await until_streamed(chat, "Once")
        await chat.cancel()
        with pytest.raises(WorkflowUpdateFailedError):
            await sending
        with pytest.raises(WorkflowFailureError):
            await chat.result()


async def test_closed_chat_is_read_from_its_result_without_a_worker() -> None:
    async with serving_chats(answers("One.")) as client:
        chat = await start(client)
        await say(chat, "a")
        page = await StreamReader(chat).read()
        assert page
        assert not page.ended
        await end(chat)
    page = await StreamReader(chat, page.end).read()
    assert page
    assert page.ended
    assert page.earlier
    assert [(turn.question, turn.answer) for turn in page.earlier] == [("a", "One.")]


async def test_terminated_chat_ends_for_its_readers() -> None:
    async with serving_chats(answers("One.")) as client:
        chat = await start(client)
        await say(chat, "a")
        await chat.terminate()
        async with asyncio.timeout(15):
            pages = [page async for page in StreamReader(chat).pages()]
        texts = [event.text for page in pages if page for event in page.events]
        assert texts == ["a", "One.", "One."]
    page = await StreamReader(chat).read()  # without a worker, and without a result
    assert page
    assert page.ended
    assert not page.events
