"""What the worker publishes, and what it never lets through."""

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from streaming import publisher
from streaming.models import TextChunk
from streaming.reader import Handle
from tests.streaming.chats import (
    Writer,
    answers,
    end,
    partial_text,
    read,
    say,
    serving_chats,
    start,
    until_streamed,
)

STORY = " ".join(f"word{number}" for number in range(200))


async def test_rest_of_an_answer_is_published_before_it_is_complete() -> None:
    async with serving_chats(answers(STORY)) as client:
        chat = await start(client)
        assert await say(chat, "a") == STORY
        events = (await read(chat)).events
        assert partial_text(events) == STORY
        assert events[-1].text == STORY
        await end(chat)


async def test_next_attempt_is_announced_before_its_text() -> None:
    writer = Writer()
    async with serving_chats(writer, attempts=2) as client:
        chat = await start(client)
        sending = asyncio.create_task(say(chat, "a"))
        writer.write("Once")
        await until_streamed(chat, "Once")
        writer.fail(ConnectionError("lost"))
        await until_streamed(chat, "")
        writer.answer("Twice")
        assert await sending == "Twice"
        texts = [(e.attempt, e.text) for e in (await read(chat)).events if e.kind == "text"]
        assert texts == [(1, "Once"), (2, ""), (2, "Twice")]
        await end(chat)


async def test_text_above_the_limit_is_only_in_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "MAX_STREAM_BYTES", 1_000)
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        writer.answer("x" * 500, "y" * 500, "z")
        assert await say(chat, "a") == "x" * 500 + "y" * 500 + "z"
        assert partial_text((await read(chat)).events) == "x" * 500 + "y" * 500
        await end(chat)


async def test_answer_arrives_although_text_cannot_be_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing = True
    signal = WorkflowHandle.signal

    async def unreliable(self: Handle, name: str, chunk: TextChunk, **options: Any) -> None:
        await signal(self, name, chunk, **options)  # it arrives, and the response is lost
        if failing:
            raise RPCError("lost", RPCStatusCode.UNAVAILABLE, b"")

    monkeypatch.setattr(WorkflowHandle, "signal", unreliable)
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        sending = asyncio.create_task(say(chat, "a"))
        writer.write("Once")
        await until_streamed(chat, "Once")
        writer.write(" upon")
        failing = False
        await until_streamed(chat, "Once upon")
        failing = True
        writer.answer(" a time")
        async with asyncio.timeout(5):
            assert await sending == "Once upon a time"
        await end(chat)
