"""Reads the stream of a chat by query: any number of readers, and no events in the history."""

from durable_agents import is_transient, query_if_available

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from time import monotonic
from typing import TypeAlias
from uuid import uuid4

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from streaming.models import StreamPage, Transcript
from streaming.workflows.stream import StreamingChatWorkflow

Handle: TypeAlias = WorkflowHandle[StreamingChatWorkflow, Transcript]

FROM_START = -1
# Seconds between two reads:
FIRST_TEXT_INTERVAL = 0.02  # until the first text; a tenth of the wait if that is longer
SLOW_TEXT_INTERVAL = 0.25  # the limit of that
TEXT_INTERVAL = 0.1  # while text arrives
IDLE_INTERVAL = 1.0  # between turns
STATUS_INTERVAL = 2.0  # seconds between two checks whether a silent chat is still open
RPC_TIMEOUT = timedelta(seconds=5)
OPEN = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW, None)


def new_chat_id() -> str:
    """Return an id that cannot be guessed: anyone who has it can read and write the chat."""
    return f"chat-{uuid4().hex}"


class StreamReader:
    """One reader of a chat.

    Args:
        handle: The chat; without a run id, so that later runs are read as well.
        offset: The offset to read from.
    """

    def __init__(self, handle: Handle, offset: int = FROM_START) -> None:
        self._handle = handle
        self._offset = offset
        self._checked = self._news = 0.0
        self._busy = self._writing = False

    def interval(self, *, sending: bool = False) -> float:
        """Return the seconds to wait before the next read; `sending` if a turn will start soon."""
        if not self._busy:
            return FIRST_TEXT_INTERVAL if sending else IDLE_INTERVAL
        if self._writing:
            return TEXT_INTERVAL
        waited = monotonic() - self._news
        return min(max(FIRST_TEXT_INTERVAL, waited / 10), SLOW_TEXT_INTERVAL)

    async def read(self) -> StreamPage | None:
        """Return the next page, which may have no events; None if no worker answers.

        A chat that has ended needs no worker: its result has the transcript.

        Raises:
            RPCError: There is no such chat, or no permission to read it.
        """
        page = await query_if_available(self._handle, StreamingChatWorkflow.read, self._offset)
        is_silent = page is None or not (page.events or page.ended)
        if is_silent and monotonic() > self._checked + STATUS_INTERVAL:
            self._checked = monotonic()
            page = await self._read_closed(page)
        if page:
            self._offset, self._busy = page.end, page.busy
        if page and page.events:
            self._news, self._writing = monotonic(), page.events[-1].kind == "text"
        return page

    async def pages(self) -> AsyncIterator[StreamPage | None]:
        """Yield pages, at intervals, until the chat has ended."""
        while True:
            page = await self.read()
            yield page
            if page and page.ended:
                return
            await asyncio.sleep(self.interval())

    async def _read_closed(self, page: StreamPage | None) -> StreamPage | None:
        """Return the last page if the chat has closed, else `page`."""
        try:
            status = (await self._handle.describe(rpc_timeout=RPC_TIMEOUT)).status
            if status in OPEN:
                return page
            if page is None:
                page = StreamPage(first=0, offset=0, events=[])
                if status is WorkflowExecutionStatus.COMPLETED:
                    page.earlier = (await self._handle.result(rpc_timeout=RPC_TIMEOUT)).turns
            return page.model_copy(update={"ended": True})
        except RPCError as error:
            if not is_transient(error):
                raise
        return page
