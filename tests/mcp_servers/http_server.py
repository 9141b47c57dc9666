"""Serves an app over HTTP on a thread of the test process."""

import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp


class HttpServer:
    """Serves an app while the `with` block runs.

    Args:
        app: The app.
        path: The path of its endpoint.
        port: The port; 0 for a free one.

    Attributes:
        url: The URL of the endpoint. Requests before the server is ready wait for it.
    """

    def __init__(self, app: ASGIApp, path: str, port: int = 0) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}{path}"
        # Clients hold event streams open; don't wait for them on shutdown.
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=0)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=[[self._socket]])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
