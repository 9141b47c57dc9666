"""How often the worker publishes: the first text at once, then at an interval that grows."""

import asyncio
from time import monotonic

import pytest

from sample_cli.processes import until
from streaming import publisher
from streaming.publisher import INTERVAL, interval_after
from tests.streaming.chats import (
    Writer,
    end,
    read,
    say,
    serving_chats,
    start,
    until_streamed,
)


async def test_first_text_is_published_at_once_and_the_rest_joined() -> None:
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        sending = asyncio.create_task(say(chat, "a"))
        begin = monotonic()
        writer.write("Once")
        await until_streamed(chat, "Once")
        writer.write(*[" upon"] * 100)
        await until_streamed(chat, "Once" + " upon" * 100)
        assert monotonic() - begin >= INTERVAL
        writer.finish()
        assert await sending == "Once" + " upon" * 100
        texts = [event.text for event in (await read(chat)).events if event.kind == "text"]
        assert texts == ["Once", " upon" * 100]
        await end(chat)


async def test_signals_are_at_full_rate_after_a_late_first_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = 0.0
    monkeypatch.setattr(publisher, "monotonic", lambda: monotonic() + late)
    writer = Writer()
    async with serving_chats(writer) as client:
        chat = await start(client)
        sending = asyncio.create_task(say(chat, "a"))

        async def is_called() -> bool:
            return writer.calls == 1

        await until(is_called)
        late = 6_000.0  # the interval would be 150 s if it counted from the start
        for text in ("Once", "Once upon"):
            writer.write(text.removeprefix("Once") or text)
            await until_streamed(chat, text)
        writer.finish()
        await sending
        await end(chat)


def test_signals_become_rarer_in_a_long_answer() -> None:
    elapsed, sent = 0.0, [0.0]
    while elapsed < 600:
        elapsed += interval_after(elapsed)
        sent.append(elapsed)
    assert [sum(at <= seconds for at in sent) for seconds in (10, 60, 600)] == [41, 113, 206]
