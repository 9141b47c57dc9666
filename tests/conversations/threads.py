"""A client of the thread API, in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import httpx2
from agents import Model
from temporalio.client import Client
from temporalio.service import RPCError

from conversations import TASK_QUEUE
from conversations.client import Handle
from conversations.models import ChatState
from conversations.run_worker import build_worker
from conversations.web.app import create_app
from conversations.web.threads import Threads
from conversations.workflows.chat import ChatWorkflow
from tests.harness.workers import serving

Response = httpx2.Response


class Service:
    """A service with one thread.

    Attributes:
        http: A client of the service.
        thread: The thread's id.
    """

    def __init__(self, client: Client, **timeouts: float) -> None:
        app = create_app(Threads(client, **timeouts))
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://localhost")
        self.client, self.thread = client, f"test-{uuid4()}"

    async def post(self, text: str, key: str = "m1") -> Response:
        """Send a message."""
        headers = {"Idempotency-Key": key}
        path = f"/threads/{self.thread}/messages"
        return await self.http.post(path, json={"text": text}, headers=headers)

    async def say(self, text: str, key: str = "m1") -> str:
        """Send a message; return its answer."""
        response = await self.post(text, key)
        assert response.status_code == 200, response.text
        return str(response.json()["answer"])

    async def get(self) -> Response:
        """Read the messages."""
        return await self.http.get(f"/threads/{self.thread}/messages")

    async def stop(self) -> Response:
        """Stop the turn in flight."""
        return await self.http.delete(f"/threads/{self.thread}/turn")

    @property
    def handle(self) -> Handle:
        """The thread's workflow."""
        return self.client.get_workflow_handle_for(ChatWorkflow.run, f"thread-{self.thread}")

    async def start(self, **state: object) -> None:
        """Start the thread in a state of its own."""
        await self.client.start_workflow(
            ChatWorkflow.run,
            ChatState.model_validate(state),
            id=self.handle.id,
            task_queue=TASK_QUEUE,
        )


@asynccontextmanager
async def service_on(model: Model, **timeouts: float) -> AsyncIterator[Service]:
    """Run a worker and a service; afterwards, end the thread and replay its history."""
    async with serving(build_worker, model) as client:
        service = Service(client, **timeouts)
        yield service
        with suppress(RPCError):  # it has closed, or was never started
            await service.handle.terminate()


def problem(response: Response) -> tuple[int, str, str]:
    """Return status, title, and detail of a problem."""
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    return response.status_code, body["title"], body["detail"]
