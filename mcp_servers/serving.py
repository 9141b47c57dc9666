"""Serves an MCP server over HTTP: on a thread of a worker's, or until Ctrl-C."""

import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp


class HttpServer:
    """Runs an app on a thread of its own: as long as a `with` block lasts, or from `start()` on.

    Args:
        app: What `streamable_http_app()` or `sse_app()` of an MCP server returns.
        path: Where that app has its endpoint.
        port: On this machine alone; a free one, by default.

    Attributes:
        url: Where clients find it. From the start: who is too early waits for the answer.
    """

    def __init__(self, app: ASGIApp, path: str, port: int = 0) -> None:
        self._socket = listening(port)
        self.url = address(self._socket, path)
        # Clients keep event streams open, which no end would wait for in vain.
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=0)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=[[self._socket]], daemon=True)

    def start(self) -> None:
        """Serve until the block ends, or, where there is none, the process."""
        self._thread.start()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening, and wait for the thread's end."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def serve_until_stopped(app: ASGIApp, path: str, port: int) -> None:
    """Run an app in the foreground, and say where."""
    with listening(port) as listener:
        print(f"Listening at {address(listener, path)}. Ctrl-C stops it.", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])


def listening(port: int) -> socket.socket:
    """Return a socket that listens on this machine alone."""
    return socket.create_server(("127.0.0.1", port))


def address(listener: socket.socket, path: str) -> str:
    """Return the URL of an endpoint behind a listening socket."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}{path}"
