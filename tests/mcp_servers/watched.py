"""Servers that note what they are asked, and runs that meet no long waits."""

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
from mcp_servers.serving import HttpServer
from tests.harness.workers import input_texts


class Watched:
    """An app that notes the MCP methods of the requests that it passes on.

    Attributes:
        methods: What was asked for, in order.
        refused: The method whose requests are answered with 503.
        unanswered: The method whose requests are not answered at all.
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

        async def again() -> Message:
            return messages.pop() if messages else await receive()

        await app(scope, again, send)


@contextmanager
def own_server(
    monkeypatch: pytest.MonkeyPatch, name: str, app: ASGIApp, path: str = "/mcp"
) -> Iterator[Watched]:
    """Run a server in the place of the worker's own."""
    watched = Watched(app)
    with HttpServer(watched, path) as server:
        monkeypatch.setenv(f"MCP_{name.upper()}_URL", server.url)
        yield watched


def short_retries(monkeypatch: pytest.MonkeyPatch, attempts: int) -> None:
    """Have calls of MCP servers tried again at once."""
    policy = RetryPolicy(
        initial_interval=timedelta(milliseconds=50),
        backoff_coefficient=1,
        maximum_attempts=attempts,
    )
    monkeypatch.setitem(calls.CALLS, "retry_policy", policy)


def outputs(call: ModelCall) -> list[str]:
    """Return what the model is told of its calls of tools."""
    return input_texts(call)[1:]


def asking(*wanted: tuple[str, object]) -> list[TResponseOutputItem]:
    """Return what a model puts out that wants to call tools, with these arguments."""
    return [
        function_call(name, json.dumps(arguments), call_id=f"call-{uuid4()}")
        for name, arguments in wanted
    ]
