"""Helpers to talk to the workflow without a client program."""

from durable_agents import update_reliably

import asyncio
from uuid import uuid4

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from customer_service import TASK_QUEUE
from customer_service.client import Handle
from customer_service.models import ConversationResult, ConversationState, ProcessUserMessageInput
from customer_service.workflows.customer_service import CustomerServiceWorkflow


def answers(count: int) -> ScriptedModel:
    """Return a model that answers `count` messages, then writes a summary."""
    texts = [*(f"Answer {n}." for n in range(1, 1 + count)), "All was answered."]
    return ScriptedModel([[assistant_message(text)] for text in texts])


def hanging() -> tuple[ScriptedModel, asyncio.Event, asyncio.Event]:
    """Return a model that never gives its first answer, and events: called, and release."""
    called, release = asyncio.Event(), asyncio.Event()

    async def never(_call: ModelCall) -> list[ResponseOutputItem]:
        called.set()
        await release.wait()
        return []

    texts = ("Answer 1.", "Bye.")
    answers = [[assistant_message(text)] for text in texts]
    return ScriptedModel([ModelStep.respond(never), *answers]), called, release


def lines_of(*messages: str) -> list[str]:
    """Return the history of messages that `answers` has answered."""
    pairs = enumerate(messages, start=1)
    return [line for n, m in pairs for line in (f"User: {m}", f"Triage agent: Answer {n}.")]


async def start(client: Client, **state: object) -> Handle:
    return await client.start_workflow(
        CustomerServiceWorkflow.run,
        ConversationState.model_validate(state),
        id=f"test-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def say(handle: Handle, text: str, chat_length: int, id: str | None = None) -> list[str]:
    message = ProcessUserMessageInput(user_input=text, chat_length=chat_length)
    return await handle.execute_update(CustomerServiceWorkflow.process_user_message, message, id=id)


async def say_reliably(handle: Handle, text: str, chat_length: int) -> list[str]:
    message = ProcessUserMessageInput(user_input=text, chat_length=chat_length)
    return await update_reliably(handle, CustomerServiceWorkflow.process_user_message, message)


async def end(handle: Handle) -> ConversationResult:
    return await update_reliably(handle, CustomerServiceWorkflow.end_conversation)


async def history(handle: Handle) -> list[str]:
    return await handle.query(CustomerServiceWorkflow.get_chat_history)


async def rejection(handle: Handle, text: str, chat_length: int) -> ApplicationError:
    """Send a message that is rejected or fails; return the reason."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await say(handle, text, chat_length)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    return cause
