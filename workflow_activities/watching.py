"""Follows what a conversation does about its turns, and what holds it up."""

from durable_agents import is_transient, query_if_available

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from workflow_activities.limits import BATCH
from workflow_activities.models import Event, Report
from workflow_activities.workflows.conversation import ConversationWorkflow

Handle = WorkflowHandle[ConversationWorkflow, Report]

POLL_INTERVAL = 0.5  # seconds
SILENCE = 3.0  # seconds between reports of a failing activity
KINDS = ("save", "notification", "batch")  # in the order in which a look shows them


async def events_until_closed(handle: Handle) -> AsyncIterator[Event]:
    """Yield the events of a conversation as they come, until its run has closed."""
    closing = asyncio.ensure_future(handle.result())
    shown: set[tuple[str, int]] = set()
    try:
        while not closing.done():
            await asyncio.wait([closing], timeout=POLL_INTERVAL)
            events = await query_if_available(handle, ConversationWorkflow.get_events) or []
            for event in sorted(events, key=_place):
                if (event.kind, event.number) not in shown:
                    shown.add((event.kind, event.number))
                    yield event
    finally:
        closing.cancel()


@asynccontextmanager
async def failures_shown(handle: Handle) -> AsyncIterator[None]:
    """Print the last failure of activities that are being retried, every few seconds."""
    showing = asyncio.create_task(_show_failures(handle))
    try:
        yield
    finally:
        showing.cancel()


async def _show_failures(handle: Handle) -> None:
    while True:
        await asyncio.sleep(SILENCE)
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


def _place(event: Event) -> tuple[int, int]:
    turn = event.number * BATCH if event.kind == "batch" else event.number
    return turn, KINDS.index(event.kind)
