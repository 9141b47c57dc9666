"""Conversations without a client program: begun, talked to, and refused."""

from uuid import uuid4

import pytest
from agents.testing import ScriptedModel, assistant_message
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from customer_service import TASK_QUEUE
from customer_service.messaging import Handle
from customer_service.models import ConversationState, ProcessUserMessageInput
from customer_service.workflows.customer_service import CustomerServiceWorkflow


def answers(count: int) -> ScriptedModel:
    """Return a model that answers messages, and then writes a summary."""
    texts = [*(f"Answer {n}." for n in range(1, 1 + count)), "All was answered."]
    return ScriptedModel([[assistant_message(text)] for text in texts])


def lines_of(*messages: str) -> list[str]:
    """Return the history that `answers` makes of messages."""
    pairs = enumerate(messages, start=1)
    return [line for n, m in pairs for line in (f"User: {m}", f"Triage agent: Answer {n}.")]


async def begin(client: Client, **state: object) -> Handle:
    return await client.start_workflow(
        CustomerServiceWorkflow.run,
        ConversationState.model_validate(state),
        id=f"test-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def say(handle: Handle, text: str, chat_length: int, id: str | None = None) -> list[str]:
    message = ProcessUserMessageInput(user_input=text, chat_length=chat_length)
    return await handle.execute_update(CustomerServiceWorkflow.process_user_message, message, id=id)


async def history(handle: Handle) -> list[str]:
    return await handle.query(CustomerServiceWorkflow.get_chat_history)


async def refusal(handle: Handle, text: str, chat_length: int) -> ApplicationError:
    """Return why a message gets no answer."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await say(handle, text, chat_length)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    return cause
