"""Helpers to talk to the workflow, and to read its events and rows."""

from durable_agents.database import Database

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel, assistant_message
from sqlalchemy import Table, select
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
)
from temporalio.exceptions import ApplicationError

from sample_cli.processes import until
from workflow_activities import TASK_QUEUE, follow_up, limits
from workflow_activities.client import Handle as Handle
from workflow_activities.models import Event, Report
from workflow_activities.storage import SCHEMA
from workflow_activities.workflows import conversation
from workflow_activities.workflows.conversation import ConversationWorkflow


def set_limit(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    """Change a limit, also without the sandbox: there, modules keep the limits they imported."""
    for module in (limits, conversation, follow_up):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, value)


def replies(*texts: str) -> ScriptedModel:
    """Return a model that gives these replies."""
    return ScriptedModel([[assistant_message(text)] for text in texts])


async def start(client: Client, task_id: str = "task", workflow_id: str = "") -> Handle:
    return await client.start_workflow(
        ConversationWorkflow.run,
        task_id,
        id=workflow_id or f"test-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def say(handle: Handle, text: str, id: str | None = None) -> str:
    """Send a message; return the reply."""
    return await handle.execute_update(ConversationWorkflow.send_message, text, id=id)


async def accepted(handle: Handle, *texts: str) -> list[WorkflowUpdateHandle[str]]:
    """Send messages at once; return them as soon as the workflow has accepted all."""
    send, stage = ConversationWorkflow.send_message, WorkflowUpdateStage.ACCEPTED
    return [await handle.start_update(send, text, wait_for_stage=stage) for text in texts]


async def end(handle: Handle) -> Report:
    """End the conversation; return its report."""
    await handle.execute_update(ConversationWorkflow.end_conversation)
    return await handle.result()


async def rejection(handle: Handle, text: str, id: str | None = None) -> ApplicationError:
    """Send a message that is rejected or fails; return the reason."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await say(handle, text, id)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


async def next_run(handle: Handle, known: set[str]) -> None:
    """Wait for a run that is not in `known`, and add it."""

    async def continued() -> bool:
        return (await handle.describe()).run_id not in known

    await until(continued)
    known.add((await handle.describe()).run_id)


async def events(handle: Handle) -> list[Event]:
    return await handle.query(ConversationWorkflow.get_events)


async def outcomes(handle: Handle) -> list[tuple[str, int, str]]:
    """Return kind, number and outcome of each event, in order."""
    return [(event.kind, event.number, event.outcome) for event in await events(handle)]


async def rows(url: str, table: Table) -> Sequence[Any]:
    """Return all rows of a table, ordered by key."""
    database = Database(url, SCHEMA)
    async with database.open(), database.transaction() as connection:
        found = await connection.execute(select(table).order_by(*table.primary_key))
        return found.all()
