"""The service as its tests see it: on a model that does as it is told, over ASGI or a socket."""

from durable_agents import connect

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import uvicorn
from agents import Model, ModelResponse, Usage
from agents.items import TResponseStreamEvent
from agents.testing import assistant_message
from fastapi import FastAPI
from temporalio.client import Client, WorkflowExecutionStatus

from goal_agent.models import Argument, ConversationHistory, NextStep, ValidationResult
from goal_agent.service.app import create_app
from goal_agent.service.conversations import Conversations
from sample_cli.processes import until
from tests.harness.workers import serving

LONG = timedelta(seconds=20)
SHORT = timedelta(seconds=1)


class DoesAsTold(Model):
    """Proposes a tool for "find", and says "Noted" to all else; "hold" keeps it busy."""

    def __init__(self) -> None:
        self.free = asyncio.Event()

    async def get_response(
        self, system_instructions: str | None, input: Any, *args: Any, **kwargs: Any
    ) -> ModelResponse:
        last = input[-1]
        answer: ValidationResult | NextStep
        if "You plan" not in (system_instructions or ""):
            answer = ValidationResult(valid=True, reason="")
            if "hold" in last["content"]:
                await self.free.wait()
        elif last["role"] == "user" and "find" in last["content"]:
            args_ = [Argument(name="city", value="Oslo"), Argument(name="month", value="June")]
            answer = NextStep(next="confirm", tool="find_events", args=args_, response="Shall I?")
        else:
            answer = NextStep(next="question", tool=None, args=[], response="Noted.")
        return ModelResponse([assistant_message(answer.model_dump_json())], Usage(), None)

    def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[TResponseStreamEvent]:
        raise NotImplementedError


class Noting(Conversations):
    """Notes what it has started."""

    def __init__(self, client: Client, patience: timedelta = LONG) -> None:
        super().__init__(client, patience)
        self.started: list[str] = []

    async def start(self, goal: str, prompt: str | None = None) -> str:
        self.started.append(await super().start(goal, prompt))
        return self.started[-1]


@asynccontextmanager
async def noted(client: Client, patience: timedelta = LONG) -> AsyncIterator[Noting]:
    """Yield conversations; those that still run at the end are terminated: others use the queue."""
    conversations = Noting(client, patience)
    yield conversations
    for id in conversations.started:
        handle = client.get_workflow_handle(id)
        if (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            await handle.terminate()


class Service:
    """The API, as a program uses it."""

    def __init__(self, conversations: Conversations, **options: Any) -> None:
        self.started = getattr(conversations, "started", [])
        self.app = create_app(conversations, **options)
        transport = httpx2.ASGITransport(self.app)
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://localhost")

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        return await self.http.get(path, **options)

    async def post(self, path: str, json: object = None, **options: Any) -> httpx2.Response:
        return await self.http.post(path, json=json, **options)

    async def begin(self, prompt: str | None = None) -> str:
        """Start a conversation; return its path."""
        response = await self.post("/api/conversations", {"goal": "book_trip", "prompt": prompt})
        assert response.status_code == 201, response.text
        return response.headers["location"]

    async def becomes(
        self, path: str, condition: Callable[[ConversationHistory], bool]
    ) -> ConversationHistory:
        """Wait until a conversation fulfils a condition; return it."""
        found: list[ConversationHistory] = []

        async def fulfils() -> bool:
            response = await self.get(path)
            assert response.status_code == 200, response.text
            found.append(ConversationHistory.model_validate(response.json()))
            return condition(found[-1])

        await until(fulfils)
        return found[-1]


@asynccontextmanager
async def served(build_worker: Any, model: Model) -> AsyncIterator[Service]:
    """Serve the API with a worker on `model`."""
    # The worker stops first: a run that is terminated in the middle of a task has that task failed.
    async with noted(await connect()) as conversations, serving(build_worker, model):
        yield Service(conversations)


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """Serve an app over a socket of this machine; yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
    app.state.stopping = lambda: server.should_exit
    with socket.create_server(("127.0.0.1", 0)) as opened:
        task = asyncio.create_task(server.serve([opened]))
        try:
            yield f"http://127.0.0.1:{opened.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


class Gate:
    """A way to the Temporal server that can be shut."""

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

    async def shut(self) -> None:
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
