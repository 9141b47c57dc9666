"""Helpers to talk to SteerableChatWorkflow, and a model whose calls wait for the test."""

from durable_agents import update_reliably

import asyncio
import time
from typing import Any
from uuid import uuid4

import pytest
from agents.testing import ModelCall, ModelStep, assistant_message, function_call
from openai.types.responses import ResponseOutputItem
from temporalio import client, worker
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
)
from temporalio.exceptions import ApplicationError

from conversations import TASK_QUEUE
from conversations.steering import ChatStatus, Reply, SteerableState, WhileBusy
from conversations.steering_client import Handle
from conversations.workflows.stop_and_steer import SteerableChatWorkflow
from sample_cli.processes import until
from tests.harness.workers import promptly


class ActivityEnds(client.Interceptor, worker.Interceptor):
    """Records when activities have ended, by name. Plugins drop what is not for clients."""

    def __init__(self) -> None:
        self.times: dict[str, float] = {}

    def intercept_activity(
        self, next: worker.ActivityInboundInterceptor
    ) -> worker.ActivityInboundInterceptor:
        times = self.times

        class Inbound(worker.ActivityInboundInterceptor):
            async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
                try:
                    return await super().execute_activity(input)
                finally:
                    times[input.fn.__name__] = time.monotonic()

        return Inbound(next)


class Held:
    """A step of a scripted model that gives its output when the test releases it."""

    def __init__(self, *output: ResponseOutputItem) -> None:
        self._output = output
        self._called, self._released = asyncio.Event(), asyncio.Event()

    def step(self) -> ModelStep:
        """Return the step."""

        async def respond(_call: ModelCall) -> list[ResponseOutputItem]:
            self._called.set()
            await self._released.wait()
            return list(self._output)

        return ModelStep.respond(respond)

    async def called(self) -> None:
        """Wait until the model is called."""
        await self._called.wait()

    def release(self) -> None:
        """Let the model answer."""
        self._released.set()


def answer(text: str) -> list[ResponseOutputItem]:
    return [assistant_message(text)]


def tool_call(name: str, seconds: int = 0) -> ResponseOutputItem:
    """Return a call whose id is the tool's name."""
    return function_call(name, {"seconds": seconds} if seconds else {}, call_id=name)


async def start(connection: Client, **state: object) -> Handle:
    return await connection.start_workflow(
        SteerableChatWorkflow.run,
        SteerableState.model_validate(state),
        id=f"test-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def say(
    handle: Handle, text: str, while_busy: WhileBusy = "queue", id: str | None = None
) -> Reply:
    return await update_reliably(handle, SteerableChatWorkflow.ask, text, while_busy, id=id)


async def accepted(
    handle: Handle, text: str, while_busy: WhileBusy = "queue", id: str | None = None
) -> WorkflowUpdateHandle[Reply]:
    """Send a message; return as soon as the workflow has accepted it."""
    return await handle.start_update(
        SteerableChatWorkflow.ask,
        args=[text, while_busy],
        id=id,
        wait_for_stage=WorkflowUpdateStage.ACCEPTED,
    )


async def rejection(
    handle: Handle, text: str, while_busy: str = "queue", id: str | None = None
) -> ApplicationError:
    """Send a message that is rejected, or whose turn fails; return the reason."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await handle.execute_update("ask", args=[text, while_busy], id=id)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


async def stop(handle: Handle) -> bool:
    return await promptly(handle.execute_update(SteerableChatWorkflow.stop), "stop")


async def end(handle: Handle) -> int:
    await update_reliably(handle, SteerableChatWorkflow.end)
    return await handle.result()


async def status(handle: Handle) -> ChatStatus:
    return await handle.query(SteerableChatWorkflow.get_status)


async def doing(handle: Handle, what: str) -> None:
    """Wait until the chat does something."""

    async def is_doing() -> bool:
        return (await status(handle)).doing == what

    await until(is_doing)


def pairs(call: ModelCall) -> dict[str, str]:
    """Return the result of each tool call in a model call's input; check that none is alone."""
    calls = [item["call_id"] for item in call.input if item.get("type") == "function_call"]
    outputs = [item for item in call.input if item.get("type") == "function_call_output"]
    assert calls == [item["call_id"] for item in outputs]
    return {item["call_id"]: item["output"] for item in outputs}
