"""Serves an MCP server over HTTP, on this machine only."""

import os
import socket
import sys
import threading

import uvicorn
from starlette.types import ASGIApp


def serve_http(app: ASGIApp, path: str, port: int, *, exit_with_parent: bool) -> None:
    """Print the server's URL, and serve until Ctrl-C.

    Args:
        app: The server's `streamable_http_app()` or `sse_app()`.
        path: The path of the app's endpoint.
        port: The port; 0 for a free one.
        exit_with_parent: Exit also when standard input closes, as it does when the process at its
            other end exits.
    """
    if exit_with_parent:
        threading.Thread(target=_exit_when_stdin_closes, daemon=True).start()
    with socket.create_server(("127.0.0.1", port)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{path}"
        print(f"Listening on {url}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])


def _exit_when_stdin_closes() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)
