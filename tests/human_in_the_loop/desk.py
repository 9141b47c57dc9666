"""Scripts of model answers, and helpers to start workflows, decide, and read the ledger."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest
from agents.items import TResponseOutputItem
from agents.testing import ScriptedModel, assistant_message, function_call
from pydantic import JsonValue
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from human_in_the_loop import TASK_QUEUE
from human_in_the_loop.activities.ledger import TABLES, refund, send_email
from human_in_the_loop.deciding import Handle
from human_in_the_loop.models import Decision, DecisionRequest, PendingCall, Verdict
from human_in_the_loop.workflows.approvals import ApprovalsWorkflow
from sample_cli.processes import until
from tests.harness.runs import histories_of
from tests.harness.starters import MODEL_CALL

Arguments = dict[str, JsonValue]
BIG: Arguments = {"order_id": "1002", "cents": 48_000}
OTHER: Arguments = {"order_id": "1003", "cents": 12_500}
SMALL: Arguments = {"order_id": "1001", "cents": 2_000}
EMAIL: Arguments = {"recipient": "ada@example.org", "subject": "Your order", "body": "Sorry."}
DONE = [assistant_message("Done.")]


def call(tool: str, arguments: Arguments, id: str) -> TResponseOutputItem:
    return function_call(tool, arguments, call_id=id)


def three_at_once() -> ScriptedModel:
    """Return a model that makes three calls that need approval, and then answers."""
    calls = [
        call("refund", BIG, "c1"),
        call("issue_voucher", {"percent": 10}, "c2"),
        call("refund", OTHER, "c3"),
    ]
    return ScriptedModel([calls, DONE])


def one_refund(id: str = "c1") -> ScriptedModel:
    return ScriptedModel([[call("refund", BIG, id)], DONE])


def nested() -> ScriptedModel:
    """Return a model whose clerk calls the correspondent, which calls `send_email`."""
    return ScriptedModel(
        [
            [call("write_to_customer", {"input": "Write to Ada."}, "n1")],
            [call("send_email", EMAIL, "n2")],
            [assistant_message("Sent.")],
            DONE,
        ]
    )


def build_uncached_worker(client: Client) -> Worker:
    """Return a worker that replays the workflow for every task."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[ApprovalsWorkflow],
        activities=[refund, send_email],
        max_cached_workflows=0,
    )


async def start(client: Client, *decision_timeout: timedelta) -> Handle:
    return await client.start_workflow(
        ApprovalsWorkflow.run,
        args=["Refund my orders.", *decision_timeout],
        id=f"human-in-the-loop-approvals-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )


async def wait_for_pending(handle: Handle, *ids: str) -> dict[str, PendingCall]:
    """Return the pending calls as soon as they are those with `ids`."""
    found: dict[str, PendingCall] = {}

    async def is_met() -> bool:
        calls = await handle.query(ApprovalsWorkflow.get_pending_approvals)
        found.update({call.id: call for call in calls})
        return {call.id for call in calls} == {*ids}

    await until(is_met)
    return {id: found[id] for id in ids}


async def decide(handle: Handle, call: PendingCall, verdict: Verdict, **fields: object) -> Decision:
    """Send a decision, by Ada unless `fields` say otherwise."""
    values = {"id": call.id, "digest": call.digest, "verdict": verdict, "by": "Ada", **fields}
    request = DecisionRequest.model_validate(values)
    return await handle.execute_update(ApprovalsWorkflow.decide, request)


async def rejection_of(
    handle: Handle, call: PendingCall, verdict: str = "approve", **fields: object
) -> str:
    """Return the type and message with which the workflow rejects a decision, which may be any."""
    values = {"id": call.id, "digest": call.digest, "verdict": verdict, "by": "Ada", **fields}
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await handle.execute_update("decide", values)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    return f"{cause.type}: {cause.message}"


def ledger(handle: Handle, table: str = "refunds") -> list[tuple[object, ...]]:
    """Return the rows that a workflow's calls have written, in order, without their keys."""
    with closing(sqlite3.connect(os.environ["LEDGER"])) as database:
        for creation in TABLES:  # a test that writes nothing may be the first
            database.execute(creation)
        rows = database.execute(f"SELECT * FROM {table} WHERE key LIKE ?", (f"{handle.id}/%",))
        return [row[1:] for row in rows.fetchall()]


async def counts(client: Client, handle: Handle) -> tuple[int, int]:
    """Return how many runs a workflow had, and how many model calls they scheduled."""
    found = await histories_of(client, handle)
    names = [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for history in found
        for event in history.events
    ]
    return len(found), names.count(MODEL_CALL)
