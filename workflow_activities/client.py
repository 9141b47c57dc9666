"""Sends messages, follows the steps after each turn, and reports activities that keep failing."""

from durable_agents import is_transient, query_if_available, root_cause, update_reliably

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError

from workflow_activities.limits import BATCH_SIZE
from workflow_activities.models import Event, Report
from workflow_activities.workflows.conversation import ConversationWorkflow

Handle = WorkflowHandle[ConversationWorkflow, Report]

POLL_INTERVAL = 0.5  # seconds
REPORT_INTERVAL = 3.0  # seconds between reports of a failing activity
KINDS = ("save", "notification", "batch")  # in the order shown, for events found by one poll


async def say(handle: Handle, text: str) -> WorkflowUpdateFailedError | None:
    """Send a message and print the reply; return the failure if there is none."""
    print(f"> {text}")
    try:
        print(await update_reliably(handle, ConversationWorkflow.send_message, text))
    except WorkflowUpdateFailedError as failure:
        print(f"No reply. {root_cause(failure)}")
        return failure
    return None


async def events_until_closed(handle: Handle) -> AsyncIterator[Event]:
    """Yield the events of a conversation as they happen, until the workflow closes."""
    closing = asyncio.ensure_future(handle.result())
    shown: set[tuple[str, int]] = set()
    try:
        while not closing.done():
            await asyncio.wait([closing], timeout=POLL_INTERVAL)
            events = await query_if_available(handle, ConversationWorkflow.get_events) or []
            for event in sorted(events, key=_position):
                if (event.kind, event.number) not in shown:
                    shown.add((event.kind, event.number))
                    yield event
    finally:
        closing.cancel()


@asynccontextmanager
async def failures_shown(handle: Handle) -> AsyncIterator[None]:
    """Print the last failure of each retried activity, every few seconds."""
    showing = asyncio.create_task(_show_failures(handle))
    try:
        yield
    finally:
        showing.cancel()


async def _show_failures(handle: Handle) -> None:
    while True:
        await asyncio.sleep(REPORT_INTERVAL)
        try:
            description = await handle.describe()
        except RPCError as error:
            if not is_transient(error):
                raise
            continue
        for pending in description.raw_description.pending_activities:
            if pending.HasField("last_failure"):
                print(f"... {_describe(pending)}", flush=True)


def _describe(pending: PendingActivityInfo) -> str:
    failure = pending.last_failure
    while failure.HasField("cause"):
        failure = failure.cause
    message = " ".join(failure.message.split())[:200]
    return f"{pending.activity_type.name}, attempt {pending.attempt}: {message}"


def _position(event: Event) -> tuple[int, int]:
    turn = event.number * BATCH_SIZE if event.kind == "batch" else event.number
    return turn, KINDS.index(event.kind)
