"""Conversations without a client program: begun, talked to, and refused."""

from durable_agents import connect

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from customer_service import TASK_QUEUE
from customer_service.messaging import Handle
from customer_service.models import ConversationState, ProcessUserMessageInput
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from sample_cli.temporal_server import find_program
from tests.harness.workers import FixedModelProvider, model_params


def answers(count: int) -> ScriptedModel:
    """Return a model that answers messages, and then writes a summary."""
    texts = [*(f"Answer {n}." for n in range(1, 1 + count)), "All was answered."]
    return ScriptedModel([[assistant_message(text)] for text in texts])


def hanging() -> tuple[ScriptedModel, asyncio.Event, asyncio.Event]:
    """Return a model whose first answer never comes, when it is asked, and what ends its wait."""
    asked, over = asyncio.Event(), asyncio.Event()

    async def never(_call: ModelCall) -> list[ResponseOutputItem]:
        asked.set()
        await over.wait()
        return []

    texts = ("Answer 1.", "Bye.")
    answers = [[assistant_message(text)] for text in texts]
    return ScriptedModel([ModelStep.respond(never), *answers]), asked, over


def lines_of(*messages: str) -> list[str]:
    """Return the history that `answers` makes of messages."""
    pairs = enumerate(messages, start=1)
    return [line for n, m in pairs for line in (f"User: {m}", f"Triage agent: Answer {n}.")]


@asynccontextmanager
async def serving_on_skipped_time(
    model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Client, WorkflowEnvironment]]:
    """Serve on a server of its own, whose time the test moves."""
    path = find_program("temporal-test-server")
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=path
    ) as skipping:
        address = skipping.client.service_client.config.target_host
        monkeypatch.setenv("TEMPORAL_ADDRESS", address)
        client = await connect(
            model_provider=FixedModelProvider(model), model_params=model_params()
        )
        async with build_worker(client):
            yield client, skipping


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


async def number_of_runs(client: Client, handle: Handle) -> int:
    runs = client.list_workflows(f"WorkflowId = '{handle.id}'")
    return len([run async for run in runs])
