"""Child workflows: their ids, their failures in one sentence, and cancellation of the parent."""

from durable_agents import root_cause

import asyncio
import hashlib
from collections.abc import Awaitable, Iterable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import (
    CancelledError,
    FailureError,
    TerminatedError,
    TimeoutError,
    WorkflowAlreadyStartedError,
)

MAX_ID_LENGTH = 1_000  # bytes; the server's default
MAX_REASON_LENGTH = 300  # characters


def child_id(name: str) -> str:
    """Return the id of a child of this workflow: the same on replay, and below the server's limit.

    A command with an id above the limit fails the workflow task, which is retried forever.

    Args:
        name: Unique among the children of this workflow; up to 100 characters.
    """
    parent = workflow.info().workflow_id
    if len(f"{parent}/{name}".encode()) > MAX_ID_LENGTH:
        parent = hashlib.sha256(parent.encode()).hexdigest()
    return f"{parent}/{name}"


def describe_failure(error: FailureError, timeout: timedelta) -> str:
    """Return why a child has no result, as the end of a sentence that starts with its name.

    Args:
        error: What `execute_child_workflow` raised.
        timeout: The execution timeout of the child.
    """
    cause = error.cause
    if isinstance(error, WorkflowAlreadyStartedError):
        return "was not started: a workflow with its id is running"
    if isinstance(cause, TimeoutError):
        return f"gave no answer within {timeout}"
    if isinstance(cause, TerminatedError):
        return "was terminated"
    if isinstance(cause, CancelledError):
        return "was cancelled"
    return f"failed: {shorten(root_cause(error).message, MAX_REASON_LENGTH)}"


def raise_if_cancelled() -> None:
    """Raise CancelledError if this workflow or task was cancelled; call it after each child.

    A child that closes just as its parent is cancelled hides the cancellation: its result or its
    failure comes first. A child that was cancelled alone is not a cancellation of the parent.
    """
    task = asyncio.current_task()
    if workflow.cancellation_reason() is not None or (task and task.cancelling()):
        raise asyncio.CancelledError


async def wait_for_all(lanes: Iterable[Awaitable[None]]) -> None:
    """Wait until all have ended, also if this workflow is cancelled; then raise the first error.

    `asyncio.gather` alone raises as soon as one has ended in an error. The workflow would close,
    and the server would terminate the children of the others, which are still cleaning up.
    """
    for error in await asyncio.gather(*lanes, return_exceptions=True):
        if error:
            raise error


def shorten(text: str, max_length: int) -> str:
    """Return a text of at most `max_length` characters; a longer one ends in an ellipsis."""
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"
