"""Servers that record their requests, and calls with short retry intervals."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from agents.items import TResponseOutputItem
from agents.testing import ModelCall, function_call
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from temporalio.common import RetryPolicy

from mcp_servers import calls
from tests.harness.workers import input_texts
from tests.mcp_servers.http_server import HttpServer


class RecordingApp:
    """An app that records the MCP methods of its requests.

    Attributes:
        methods: The requested methods, in order.
        refused: The method whose requests get status 503.
        unanswered: The method whose requests never get an answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.methods: list[str] = []
        self.refused = self.unanswered = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        method = json.loads(body).get("method", "")
        self.methods.append(method)
        if method == self.unanswered:
            await asyncio.Event().wait()
        app = Response(status_code=503) if method == self.refused else self._app
        messages: list[Message] = [{"type": "http.request", "body": body}]

        async def receive_again() -> Message:
            return messages.pop() if messages else await receive()

        await app(scope, receive_again, send)


@contextmanager
def own_server(
    monkeypatch: pytest.MonkeyPatch, name: str, app: ASGIApp, path: str = "/mcp"
) -> Iterator[RecordingApp]:
    """Serve `app` in place of the local server of that name."""
    recording = RecordingApp(app)
    with HttpServer(recording, path) as server:
        monkeypatch.setenv(f"MCP_{name.upper()}_URL", server.url)
        yield recording


def short_retries(monkeypatch: pytest.MonkeyPatch, attempts: int) -> None:
    """Retry calls to MCP servers after 50 ms, `attempts` times at most; 0 for no limit."""
    policy = RetryPolicy(
        initial_interval=timedelta(milliseconds=50),
        backoff_coefficient=1,
        maximum_attempts=attempts,
    )
    monkeypatch.setitem(calls.CALL_OPTIONS, "retry_policy", policy)


def outputs(call: ModelCall) -> list[str]:
    """Return the tool outputs that a model call received."""
    return input_texts(call)[1:]


def tool_calls(*wanted: tuple[str, object]) -> list[TResponseOutputItem]:
    """Return a model output that calls tools with the given arguments."""
    return [
        function_call(name, json.dumps(arguments), call_id=f"call-{uuid4()}")
        for name, arguments in wanted
    ]
