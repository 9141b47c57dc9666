"""Serves an app as `serve_app` does, and a TCP proxy that can take the Temporal server away."""

from durable_agents.web import Protected

import asyncio
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette


@asynccontextmanager
async def listening(app: Starlette, origins: Collection[str] = ()) -> AsyncIterator[str]:
    """Serve an app, protected, on a local socket; yield its address."""
    # Without the lifespan, in which the apps do nothing: if a test is cancelled while the server
    # stops, a later garbage collection would close it, and fail another test.
    config = uvicorn.Config(
        Protected(app, origins=origins),
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    app.state.is_stopping = lambda: server.should_exit
    with socket.create_server(("127.0.0.1", 0), backlog=512) as opened:
        task = asyncio.create_task(server.serve([opened]))
        try:
            yield f"http://127.0.0.1:{opened.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


class TemporalProxy:
    """A TCP proxy to the Temporal server that can be closed."""

    def __init__(self, address: str) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self.address = ""

    async def open(self) -> None:
        port = int(self.address.rpartition(":")[2] or 0)
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", port)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        assert self._server
        self._server.close()
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._host or "127.0.0.1", self._port)
        self._writers += [writer, back]
        await asyncio.gather(_copy(reader, back), _copy(there, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()
