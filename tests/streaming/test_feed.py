"""One feed for all tabs of a chat: every event once, bounded memory, and slow tabs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from streaming.answer_stream import AnswerStream
from streaming.models import StreamPage, StreamState, TextChunk, Turn
from streaming.reader import Handle
from streaming.web.feed import Feed, Feeds, Notice


class FakeChat:
    """A chat without a server; readers query it like a workflow."""

    id = "chat"

    def __init__(self) -> None:
        self.stream, self.turns = AnswerStream(StreamState()), list[Turn]()

    async def query(self, query: Any, *, args: list[int], **options: Any) -> StreamPage:
        return self.stream.read(args[0], self.turns).model_copy(deep=True)

    def start_turn(self) -> int:
        number = len(self.turns) + 1
        self.stream.start(number, f"Q{number}", f"{number}")
        self.stream.add_text(TextChunk(call=f"{number}", attempt=1, number=1, text="A"))
        return number

    def finish_turn(self, number: int) -> None:
        self.stream.finish(f"A{number}")
        turn = Turn(number=number, id=f"{number}", question=f"Q{number}", answer=f"A{number}")
        self.turns.append(turn)


@asynccontextmanager
async def feed_of(chat: FakeChat) -> AsyncIterator[Feed]:
    """Read a chat at full rate."""
    async with Feeds(lambda: False).open(cast("Handle", chat)) as feed:
        with feed.expecting():
            yield feed


async def until_event(tab: AsyncIterator[Notice], event: str) -> list[Notice]:
    """Read a tab until an event of a kind."""
    notices = [await anext(tab)]
    while notices[-1].event != event:
        notices.append(await anext(tab))
    return notices


def stream_of(notices: list[Notice]) -> list[tuple[str, int | None]]:
    return [(notice.event, notice.id) for notice in notices if notice.event != "status"]


async def test_slow_tab_delays_no_other_and_costs_no_memory() -> None:
    chat = FakeChat()
    async with asyncio.timeout(20), feed_of(chat) as feed:
        slow, fast = feed.notices(), feed.notices()
        number = chat.start_turn()
        await until_event(slow, "text")  # and then reads no more
        read = await until_event(fast, "text")
        for _ in range(5):
            chat.finish_turn(number)
            read += await until_event(fast, "answer")
            number = chat.start_turn()
            read += await until_event(fast, "text")
        kinds = ["snapshot", *["question", "text", "answer"] * 5, "question", "text"]
        assert stream_of(read) == list(zip(kinds, range(18), strict=True))
        kept = ["snapshot", "question", "text", "answer", "question", "text"]
        for late in (slow, feed.notices(2), feed.notices()):  # the chat keeps two turns
            notices = [*await until_event(late, "answer"), *await until_event(late, "text")]
            assert stream_of(notices) == list(zip(kept, range(12, 18), strict=True))
            [snapshot] = [notice.data for notice in notices if notice.event == "snapshot"]
            assert snapshot == {"turns": [turn.model_dump() for turn in chat.turns[:4]]}


async def test_tab_resumes_at_its_offset() -> None:
    chat = FakeChat()
    chat.start_turn()
    async with asyncio.timeout(20), feed_of(chat) as feed:
        assert stream_of(await until_event(feed.notices(1), "text")) == [("text", 2)]
