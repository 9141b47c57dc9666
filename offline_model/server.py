"""The server of the offline model, on a port of this machine.

with OfflineModel() as model:
    client = OpenAI(base_url=model.base_url, api_key="offline")
    ...
    print(len(model.calls), "model calls")
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from offline_model.app import ModelApi
from offline_model.call_log import Call
from offline_model.faults import Faults

_HOST = "127.0.0.1"
# Longer than any client's, in seconds: a client must not reuse a connection that is being closed.
_KEEP_ALIVE = 3_600
_SHUTDOWN_TIMEOUT = 2  # seconds


class OfflineModel:
    """Runs the server on its own thread for as long as the `with` block lasts.

    Args:
        faults: The faults to inject. None by default.
        latency: Seconds before each answer. It may change while the server runs.
        stream_interval: Seconds before each word of a stream. It may change meanwhile, too.
        port: The port to listen on. A free one by default.
        sock: A listening socket to use instead of a port. It is closed with the server.
    """

    def __init__(
        self,
        *,
        faults: Faults | None = None,
        latency: float = 0.0,
        stream_interval: float = 0.0,
        port: int = 0,
        sock: socket.socket | None = None,
    ) -> None:
        self.faults = faults or Faults()
        self._api = ModelApi(self.faults, latency, stream_interval)
        self._port, self._sock = port, sock
        self._stop: Callable[[], object]
        self._thread: threading.Thread

    @property
    def base_url(self) -> str:
        """The value of `OPENAI_BASE_URL` for clients."""
        return f"http://{_HOST}:{self._port}/v1"

    @property
    def latency(self) -> float:
        """Seconds before each answer."""
        return self._api.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._api.latency = seconds

    @property
    def stream_interval(self) -> float:
        """Seconds before each word of a stream."""
        return self._api.stream_interval

    @stream_interval.setter
    def stream_interval(self, seconds: float) -> None:
        self._api.stream_interval = seconds

    @property
    def calls(self) -> tuple[Call, ...]:
        """The model requests so far, oldest first."""
        return self._api.calls.all()

    def wait_until(
        self, condition: Callable[[tuple[Call, ...]], bool], timeout: float = 60.0
    ) -> bool:
        """Wait until the calls meet a condition. Return False after `timeout` seconds."""
        return self._api.calls.wait_until(condition, timeout)

    def __enter__(self) -> Self:
        """Start the server.

        Raises:
            OSError: The port is in use.
            OverflowError: The port is above 65,535.
        """
        sock = self._sock or socket.create_server((_HOST, self._port))
        self._port = sock.getsockname()[1]
        started = threading.Event()
        serving = self._serve(sock, started)
        self._thread = threading.Thread(
            target=asyncio.run, args=[serving], name="offline-model", daemon=True
        )
        self._thread.start()
        started.wait()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server. Pending requests are cut off."""
        self._stop()
        self._thread.join()

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._api.app(),
            ws="none",
            lifespan="off",
            proxy_headers=False,
            access_log=False,
            log_config=None,
            timeout_keep_alive=_KEEP_ALIVE,
        )

    async def _serve(self, sock: socket.socket, started: threading.Event) -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        self._stop = lambda: loop.call_soon_threadsafe(stopping.set)
        config = self._config()
        # Without `uvicorn.Server`, which polls, and takes a tenth of a second to stop.
        state = ServerState()
        server = await loop.create_server(
            lambda: _Connection(config, state, {}), sock=sock, backlog=config.backlog
        )
        started.set()
        await stopping.wait()
        self._api.shutting_down = True
        server.close()
        await asyncio.sleep(0)  # for connections that were accepted just now
        while state.connections:
            for connection in state.connections:
                connection.transport.abort()
            await asyncio.sleep(0)
        if state.tasks:  # they end with their connections; `asyncio.run` cancels one that does not
            await asyncio.wait(state.tasks, timeout=_SHUTDOWN_TIMEOUT)


class _Connection(H11Protocol):
    """A connection that requests can close: `request.state.transport`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state |= {"transport": transport, "closing": False}
