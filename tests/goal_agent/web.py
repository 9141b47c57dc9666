"""Helpers for tests of the service: a model, a gateway, a client, and a TCP proxy."""

from durable_agents import connect
from durable_agents.web import Protected

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import httpx2
from agents import Model, ModelResponse, Usage
from agents.items import TResponseStreamEvent
from agents.testing import assistant_message
from temporalio.client import Client, WorkflowExecutionStatus

from goal_agent.models import Argument, ConversationHistory, NextStep, ValidationResult
from goal_agent.web.app import create_app
from goal_agent.web.gateway import WorkflowGateway
from sample_cli.processes import until
from tests.harness.workers import serving

LONG = timedelta(seconds=20)
SHORT = timedelta(seconds=1)


class KeywordModel(Model):
    """Proposes a tool on "find", blocks until `free` on "hold", and else answers "Noted."."""

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


class RecordingGateway(WorkflowGateway):
    """Records the gateway that it starts."""

    def __init__(self, client: Client, timeout: timedelta = LONG) -> None:
        super().__init__(client, timeout)
        self.started: list[str] = []

    async def start(self, goal: str, prompt: str | None = None) -> str:
        self.started.append(await super().start(goal, prompt))
        return self.started[-1]


@asynccontextmanager
async def recording_gateway(
    client: Client,
    timeout: timedelta = LONG,  # noqa: ASYNC109
) -> AsyncIterator[RecordingGateway]:
    """Yield a gateway; terminate its open conversations at the end: tests share the task queue."""
    gateway = RecordingGateway(client, timeout)
    yield gateway
    for id in gateway.started:
        handle = client.get_workflow_handle(id)
        if (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            await handle.terminate()


class FixedGateway(WorkflowGateway):
    """Has one conversation, in a fixed state; records prompts."""

    def __init__(self, history: ConversationHistory) -> None:
        super().__init__(cast(Client, None))
        self.now, self.prompts = history, list[str]()
        self.queries = self.looks = 0

    async def history(self, conversation_id: str) -> ConversationHistory:
        self.queries += 1
        return self.now

    async def version(self, conversation_id: str) -> str:
        self.looks += 1
        return self.now.model_dump_json()

    async def send(self, conversation_id: str, text: str, key: str | None = None) -> int:
        self.prompts.append(text)
        return 1

    async def start(self, goal: str, prompt: str | None = None) -> str:
        self.prompts += [prompt] if prompt else []
        return "new"


class Service:
    """A client of the API."""

    def __init__(self, gateway: WorkflowGateway) -> None:
        self.started = getattr(gateway, "started", [])
        self.app = create_app(gateway)
        transport = httpx2.ASGITransport(Protected(self.app), raise_app_exceptions=False)
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://localhost")

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        return await self.http.get(path, **options)

    async def post(self, path: str, json: object = None, **options: Any) -> httpx2.Response:
        return await self.http.post(path, json=json, **options)

    async def start(self, prompt: str | None = None) -> str:
        """Start a conversation; return its path."""
        response = await self.post("/api/conversations", {"goal": "book_trip", "prompt": prompt})
        assert response.status_code == 201, response.text
        return response.headers["location"]

    async def wait_for(
        self, path: str, condition: Callable[[ConversationHistory], bool]
    ) -> ConversationHistory:
        """Wait until a conversation meets a condition; return it."""
        found: list[ConversationHistory] = []

        async def is_met() -> bool:
            response = await self.get(path)
            assert response.status_code == 200, response.text
            found.append(ConversationHistory.model_validate(response.json()))
            return condition(found[-1])

        await until(is_met)
        return found[-1]


@asynccontextmanager
async def serving_api(build_worker: Any, model: Model) -> AsyncIterator[Service]:
    """Serve the API with a worker on `model`."""
    # The worker stops first: terminating a run in the middle of a task fails that task.
    async with recording_gateway(await connect()) as gateway, serving(build_worker, model):
        yield Service(gateway)
