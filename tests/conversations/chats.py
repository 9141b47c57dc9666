"""Helpers to talk to chats without a client program."""

import asyncio
from collections.abc import Awaitable
from uuid import uuid4

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
)
from temporalio.exceptions import ApplicationError

from conversations import TASK_QUEUE
from conversations.client import Handle
from conversations.models import ChatState
from conversations.workflows.chat import ChatWorkflow
from tests.harness.workers import input_texts, promptly


def answers(count: int) -> ScriptedModel:
    """Return a model that answers `count` messages, then writes a summary."""
    texts = [*(f"Answer {n}." for n in range(1, 1 + count)), "All was answered."]
    return ScriptedModel([[assistant_message(text)] for text in texts])


def echo(call: ModelCall) -> list[ResponseOutputItem]:
    """Answer a message with its own text."""
    return [assistant_message(f"Re: {input_texts(call)[-1]}")]


class Held:
    """A model whose first answer is held until `release`; it repeats the messages.

    Attributes:
        called: Set once the model is called.
        cancelled: Set once the first call is cancelled.
    """

    def __init__(self, calls: int = 1) -> None:
        self.called, self.release, self.cancelled = (asyncio.Event() for _ in range(3))
        self.model = ScriptedModel(
            [ModelStep.respond(self._hold), *[ModelStep.respond(echo)] * calls]
        )

    async def _hold(self, call: ModelCall) -> list[ResponseOutputItem]:
        self.called.set()
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return echo(call)


async def start(client: Client, **state: object) -> Handle:
    started = await client.start_workflow(
        ChatWorkflow.run,
        ChatState.model_validate(state),
        id=f"test-{uuid4()}",
        task_queue=TASK_QUEUE,
    )
    return client.get_workflow_handle_for(ChatWorkflow.run, started.id)


async def say(handle: Handle, text: str, id: str | None = None) -> str:
    return await handle.execute_update(ChatWorkflow.ask, text, id=id)


async def accepted(handle: Handle, text: str, id: str | None = None) -> WorkflowUpdateHandle[str]:
    """Send a message; return once the workflow has accepted it."""
    return await handle.start_update(
        ChatWorkflow.ask, text, id=id, wait_for_stage=WorkflowUpdateStage.ACCEPTED
    )


async def stop(handle: Handle) -> bool:
    return await promptly(handle.execute_update(ChatWorkflow.stop), "stop")


async def end(handle: Handle) -> str:
    await handle.execute_update(ChatWorkflow.end)
    return await handle.result()


async def history(handle: Handle) -> list[str]:
    return [message.text for message in await handle.query(ChatWorkflow.history)]


async def rejection(sending: Awaitable[str]) -> ApplicationError:
    """Return the error of a message that is rejected, or whose turn fails."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await sending
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    return cause
