"""Helpers to run workers of several builds, and to talk to chats."""

from durable_agents import connect, update_reliably

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

from agents import Model, ModelResponse, Usage
from agents.items import TResponseStreamEvent
from agents.testing import assistant_message
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    WorkflowHandle,
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
)
from temporalio.common import VersioningOverride
from temporalio.service import RPCError

from sample_cli.processes import until
from tests.harness.environment import variables
from tests.harness.runs import histories_of
from tests.harness.workers import FixedModelProvider, failed_tasks, model_params
from versioning import TASK_QUEUE
from versioning.deployment import Deployment
from versioning.run_worker import build_worker
from versioning.workflows.deploy import VersionedChatWorkflow

Handle = WorkflowHandle[VersionedChatWorkflow, int]


class Echo(Model):
    """Answers a message with its own text, and with what the instructions say about the stock."""

    def __init__(self) -> None:
        self.calls = 0

    async def get_response(
        self, system_instructions: str | None, input: Any, *args: Any, **kwargs: Any
    ) -> ModelResponse:
        self.calls += 1
        stock = (system_instructions or "").partition(" In stock: ")[2]
        text = f"Re: {input[-1]['content']}{' with stock' if stock else ''}"
        return ModelResponse(output=[assistant_message(text)], usage=Usage(), response_id=None)

    def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[TResponseStreamEvent]:
        raise NotImplementedError


class Held(Echo):
    """A model that answers once it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.release = asyncio.Event()

    async def get_response(
        self, system_instructions: str | None, input: Any, *args: Any, **kwargs: Any
    ) -> ModelResponse:
        await self.release.wait()
        return await super().get_response(system_instructions, input, *args, **kwargs)


@asynccontextmanager
async def worker(build: str, model: Model | None = None) -> AsyncIterator[Deployment]:
    """Run a worker of a build in this process."""
    client = await connect(
        model_provider=FixedModelProvider(model or Echo()), model_params=model_params()
    )
    with variables(TEMPORAL_WORKER_BUILD_ID=build):
        running = build_worker(client)
    async with running:
        deployment = Deployment(client)
        await deployment.wait_for_worker(build)
        yield deployment


@asynccontextmanager
async def rollout(model: Model | None = None) -> AsyncIterator[Deployment]:
    """Run workers of v1, which is current, and v2; close the chats that are left open."""
    async with worker("v1", model) as deployment, worker("v2", model):
        await deployment.set_current("v1")
        try:
            yield deployment
        finally:
            await close_chats(deployment)


async def close_chats(deployment: Deployment) -> None:
    """Terminate all open chats: no worker of their version may be left."""
    query = f"TaskQueue = '{TASK_QUEUE}' AND ExecutionStatus = 'Running'"
    async for chat in deployment.client.list_workflows(query):
        with suppress(RPCError):  # it has closed
            await deployment.client.get_workflow_handle(chat.id).terminate()


async def start(deployment: Deployment, override: VersioningOverride | None = None) -> Handle:
    """Start a chat; return a handle without a run id, so that later runs receive messages too."""
    id = f"test-{uuid4()}"
    await deployment.client.start_workflow(
        VersionedChatWorkflow.run,
        None,
        id=id,
        task_queue=TASK_QUEUE,
        task_timeout=timedelta(seconds=2),  # after which a stuck task is retried
        versioning_override=override,
    )
    return deployment.client.get_workflow_handle_for(VersionedChatWorkflow.run, id)


async def say(handle: Handle, text: str, id: str | None = None) -> str:
    return await update_reliably(handle, VersionedChatWorkflow.ask, text, id=id)


async def accept(handle: Handle, text: str) -> WorkflowUpdateHandle[str]:
    """Send a message; return once the workflow has accepted it."""
    stage = WorkflowUpdateStage.ACCEPTED
    return await handle.start_update(VersionedChatWorkflow.ask, text, wait_for_stage=stage)


async def accepted(handle: Handle, count: int) -> None:
    """Wait until the workflow has accepted `count` messages."""

    async def all_are() -> bool:
        events = (await handle.fetch_history()).events
        kind = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
        return sum(event.event_type == kind for event in events) == count

    await until(all_are)


async def end(handle: Handle) -> int:
    """End a chat; return the number of answers."""
    await update_reliably(handle, VersionedChatWorkflow.end)
    return await handle.result()


async def is_on(deployment: Deployment, handle: Handle, build: str) -> None:
    """Wait until the server reports that a chat is on a build."""

    async def moved() -> bool:
        return await deployment.build_of(handle.id) == build

    await until(moved)


async def count_failed_tasks(deployment: Deployment, handles: list[Handle]) -> int:
    """Return how many workflow tasks of all runs of chats failed on a worker."""
    count = 0
    for handle in handles:
        for history in await histories_of(deployment.client, handle):
            count += len(failed_tasks(history))
    return count
