"""Publishes text from an activity to the workflow that started it, while the activity runs."""

from durable_agents import is_transient
from durable_agents.redaction import well_formed

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic

from temporalio import activity
from temporalio.service import RPCError

from streaming.models import MAX_STREAM_BYTES, TextChunk

PUBLISH = "publish"
"""The workflow's signal; its argument is a `TextChunk`."""

INTERVAL = 0.25
"""Seconds between two signals. Each costs about 1 kB of history, whatever its length."""

FULL_RATE_FOR = 10.0
"""Seconds after which signals become rarer: 41 in 10 s, 113 in a minute, 206 in ten minutes."""

RPC_TIMEOUT = timedelta(seconds=2)


def interval_after(elapsed: float) -> float:
    """Return the seconds until the next signal, `elapsed` seconds after the first."""
    return INTERVAL * max(1.0, elapsed / FULL_RATE_FOR)


class TextPublisher:
    """Sends the text of one attempt of an activity: joined, in order, each piece once.

    Readers need the text and the workflow does not, so a failure to publish fails nothing.
    """

    def __init__(self) -> None:
        info = activity.info()
        self._workflow = activity.client().get_workflow_handle(
            info.workflow_id or "", run_id=info.workflow_run_id
        )
        self._call, self._attempt, self._number = info.activity_id, info.attempt, 0
        self._text, self._size = "", 0
        self._wake, self._closed = asyncio.Event(), asyncio.Event()

    def add(self, text: str) -> None:
        """Add text to publish. Text beyond `MAX_STREAM_BYTES` is only in the final answer."""
        self._size += len(text.encode(errors="surrogatepass"))
        if self._size <= MAX_STREAM_BYTES:
            self._text += text
            self._wake.set()

    async def run(self) -> None:
        """Publish what is added until the publisher is closed."""
        if self._attempt > 1:  # readers see at once that the model starts again
            await self._send("")
        await self._wake.wait()
        start = monotonic()  # of the text: a model may think for minutes before it
        while not (self._closed.is_set() and not self._text):
            await self._wake.wait()
            self._wake.clear()
            text, self._text = self._text, ""
            if text:
                await self._send(well_formed(text))
            await self._pause(interval_after(monotonic() - start))

    def close(self) -> None:
        """Publish the rest at once, and stop."""
        self._closed.set()
        self._wake.set()

    async def _send(self, text: str) -> None:
        """Send one chunk; resend it unchanged, under its number, until it is delivered."""
        self._number += 1
        chunk = TextChunk(call=self._call, attempt=self._attempt, number=self._number, text=text)
        while True:
            try:
                return await self._workflow.signal(PUBLISH, chunk, rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                activity.logger.warning("Text was not published: %s", error.message)
                if self._closed.is_set() or not is_transient(error):
                    return None  # the answer has the text as well
            await self._pause(INTERVAL)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            pass


@asynccontextmanager
async def publishing() -> AsyncIterator[TextPublisher]:
    """Yield a publisher; if the block succeeds, wait until all of its text is published."""
    publisher = TextPublisher()
    running = asyncio.create_task(publisher.run())
    try:
        yield publisher
        publisher.close()
        await running
    finally:
        running.cancel()
