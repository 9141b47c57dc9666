"""Sends messages, follows the steps after each turn, and reports activities that keep failing."""

from durable_agents import (
    InvalidInput,
    is_transient,
    query_if_available,
    require_text,
    root_cause,
    update_reliably,
)

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import typer
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from workflow_activities.limits import BATCH_SIZE, MAX_MESSAGE_LENGTH
from workflow_activities.models import KINDS, TASK_ID, Event, Report
from workflow_activities.workflows.conversation import ConversationWorkflow

Handle = WorkflowHandle[ConversationWorkflow, Report]

POLL_INTERVAL = 0.5  # seconds
REPORT_INTERVAL = 3.0  # seconds between reports of a failing activity


def check_arguments(messages: list[str], task_id: str) -> None:
    """Check the arguments of the starter, before anything is sent.

    Raises:
        typer.BadParameter: One of them is invalid.
    """
    if task_id and not TASK_ID.fullmatch(task_id):
        raise typer.BadParameter("1 to 100 letters, digits, '_', '.', '-'", param_hint="--task-id")
    try:
        for text in messages:
            require_text(text, "text", max_length=MAX_MESSAGE_LENGTH)
    except InvalidInput as error:
        raise typer.BadParameter(error.message, param_hint="--message") from None


@contextmanager
def ended_is_rejected() -> Iterator[None]:
    """Report the start of a conversation that has ended as an invalid argument.

    Raises:
        typer.BadParameter: It has ended.
    """
    try:
        yield
    except WorkflowAlreadyStartedError:
        raise typer.BadParameter("this conversation has ended", param_hint="--task-id") from None


async def converse(handle: Handle, messages: list[str]) -> Report:
    """Send the messages, end the conversation, and print its events; return its report.

    Raises:
        WorkflowUpdateFailedError: A message has no reply. The others are sent nevertheless.
    """
    async with _failures_shown(handle):
        failures = [await _say(handle, text) for text in messages]
        await update_reliably(handle, ConversationWorkflow.end_conversation)
        async for event in _events_until_closed(handle):
            print(f"{event.kind} {event.number}: {event.outcome}, {event.detail}")
        report = await handle.result()
        print(f"report: {report.model_dump_json(indent=2)}")
    for failure in filter(None, failures):
        raise failure
    return report


async def _say(handle: Handle, text: str) -> WorkflowUpdateFailedError | None:
    """Send a message and print the reply; return the failure if there is none."""
    print(f"> {text}")
    try:
        print(await update_reliably(handle, ConversationWorkflow.send_message, text))
    except WorkflowUpdateFailedError as failure:
        print(f"No reply. {root_cause(failure)}")
        return failure
    return None


async def _events_until_closed(handle: Handle) -> AsyncIterator[Event]:
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
async def _failures_shown(handle: Handle) -> AsyncIterator[None]:
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
    # Events found by one poll are shown by turn, then by kind.
    turn = event.number * BATCH_SIZE if event.kind == "batch" else event.number
    return turn, KINDS.index(event.kind)
