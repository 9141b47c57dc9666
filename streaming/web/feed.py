"""One reading loop for each chat, whose events go to all tabs that show it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext

from pydantic import BaseModel, JsonValue
from temporalio.service import RPCError

from streaming.models import StreamPage
from streaming.reader import FROM_START, Handle, StreamReader

_logger = logging.getLogger(__name__)


class Notice(BaseModel):
    """One server-sent event. `id` is the offset at which a browser resumes."""

    event: str
    data: dict[str, JsonValue] = {}
    id: int | None = None


class Feed:
    """A chat, read by one loop while a tab is open.

    Tabs read this copy of the stream, each at its own offset: a slow tab costs no memory, and gets
    a snapshot if its place is no longer kept.
    """

    def __init__(self, handle: Handle, stopping: Callable[[], bool]) -> None:
        self._handle, self._stopping = handle, stopping
        self._kept: StreamPage | None = None  # everything that the workflow keeps
        self._available = True
        self._stopped = False
        self._sending = 0
        self._changed, self._sent = asyncio.Event(), asyncio.Event()

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Read at full rate during the block: a message is being sent."""
        self._sending += 1
        self._sent.set()
        try:
            yield
        finally:
            self._sending -= 1

    async def run(self) -> None:
        """Read the chat until it has ended or the server stops."""
        reader = StreamReader(self._handle)
        try:
            while not self._stopping():
                page = await reader.read()
                if page and self._kept and page.first > self._kept.first:
                    reader = StreamReader(self._handle)  # old events were dropped
                    page = await reader.read()
                self._keep(page)
                if page and page.ended:
                    return
                await self._pause(reader)
        except RPCError as error:  # such as: the server has deleted the chat
            _logger.warning("%s: %s", self._handle.id, error.message)
        finally:
            self._stopped = True
            self._notify()

    async def notices(self, offset: int = FROM_START) -> AsyncIterator[Notice]:
        """Yield what a tab that has read up to `offset` has to show, until the chat has ended."""
        shown: tuple[bool, bool] | None = None
        while True:
            kept, changed = self._kept, self._changed
            if kept and not kept.first <= offset <= kept.end:
                offset = kept.first
                turns: list[JsonValue] = [turn.model_dump() for turn in kept.earlier or []]
                yield Notice(event="snapshot", data={"turns": turns}, id=offset)
            for event in kept.events[offset - kept.first :] if kept else []:
                offset += 1
                yield Notice(event=event.kind, data=event.model_dump(), id=offset)
            status = (self._available, kept is not None and kept.busy)
            if status != shown:
                shown = status
                yield Notice(event="status", data={"available": status[0], "busy": status[1]})
            if kept and kept.ended:
                yield Notice(event="ended")
                return
            if self._stopped:
                return
            await changed.wait()

    def _keep(self, page: StreamPage | None) -> None:
        before = (self._kept, self._available)
        self._available = page is not None
        if page and self._kept and page.earlier is None:
            events = [*self._kept.events, *page.events]
            status = {"busy": page.busy, "ended": page.ended}
            self._kept = self._kept.model_copy(update={"events": events, **status})
        elif page:
            self._kept = page
        if before != (self._kept, self._available):
            self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _pause(self, reader: StreamReader) -> None:
        self._sent.clear()
        try:
            async with asyncio.timeout(reader.interval(sending=self._sending > 0)):
                await self._sent.wait()
        except TimeoutError:
            pass


class Feeds:
    """The feeds of all chats that are shown in a tab."""

    def __init__(self, stopping: Callable[[], bool]) -> None:
        self._stopping = stopping
        self._feeds: dict[str, Feed] = {}
        self._loops: dict[str, asyncio.Task[None]] = {}
        self._tabs: dict[str, int] = {}

    @property
    def tabs(self) -> int:
        """The number of open streams."""
        return sum(self._tabs.values())

    @contextmanager
    def expecting(self, chat_id: str) -> Iterator[None]:
        """Read a chat at full rate during the block, if a tab shows it."""
        feed = self._feeds.get(chat_id)
        with feed.expecting() if feed else nullcontext():
            yield

    @asynccontextmanager
    async def open(self, handle: Handle) -> AsyncIterator[Feed]:
        """Yield the feed of a chat to one more tab; it stops with the last one."""
        id = handle.id
        if id not in self._feeds:
            self._feeds[id] = Feed(handle, self._stopping)
            self._loops[id] = asyncio.create_task(self._feeds[id].run())
        self._tabs[id] = self._tabs.get(id, 0) + 1
        try:
            yield self._feeds[id]
        finally:
            self._tabs[id] -= 1
            if not self._tabs[id]:
                self._loops.pop(id).cancel()
                del self._feeds[id], self._tabs[id]
