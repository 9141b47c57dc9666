"""Query and update workflows from clients that outlive restarts of the worker and the server."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar, TypeVarTuple, cast
from uuid import uuid4

from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.workflow import UpdateMethodMultiParam

W = TypeVar("W")
T = TypeVar("T")
Args = TypeVarTuple("Args")

QUERY_TIMEOUT = timedelta(seconds=2)
RESEND_FOR = timedelta(minutes=1)
RESEND_INTERVAL = 0.5  # seconds
LONG_POLL = 30.0  # seconds; the server answers a pending update's poll after 20

UPDATE_LOST_TO_CLOSE = "AcceptedUpdateCompletedWorkflow"
"""Error type that the server gives an update whose run closed before the update completed."""

TRANSIENT = frozenset(
    {
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,  # how the SDK reports its own RPC timeout
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.FAILED_PRECONDITION,  # no worker polls, or the run is about to close
        RPCStatusCode.INTERNAL,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.UNKNOWN,  # "transport error": the connection was lost
    }
)
"""Statuses of requests that may succeed later: no worker, a busy or restarting server."""


class WorkflowClosed(RPCError):
    """The workflow closed before the update completed, and no later run continues it."""

    def __init__(self, workflow_id: str) -> None:
        super().__init__(f"workflow {workflow_id} is closed", RPCStatusCode.NOT_FOUND, b"")


def is_transient(error: BaseException) -> bool:
    """Return whether a failed request may succeed later: no worker, or no server, answered."""
    if isinstance(error, WorkflowUpdateRPCTimeoutOrCancelledError):
        return isinstance(error.__cause__, RPCError)
    return isinstance(error, RPCError) and error.status in TRANSIENT


async def query_if_available(
    handle: WorkflowHandle[W, Any],
    query: Callable[[W, *Args], Awaitable[T] | T],
    *args: *Args,
    timeout: timedelta = QUERY_TIMEOUT,  # noqa: ASYNC109 (the RPC has it too)
) -> T | None:
    """Return a query's result; None if no worker, or no server, answers within `timeout`.

    Raises:
        RPCError: A permanent error: no such workflow, no permission.
        WorkflowQueryFailedError: The workflow has no such query, or the query failed.
    """
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            return await handle.query(query, args=args, rpc_timeout=timeout)
    except (TimeoutError, RPCError) as error:
        if isinstance(error, TimeoutError) or is_transient(error):
            return None
        raise


async def update_reliably(
    handle: WorkflowHandle[W, Any],
    update: Callable[[W, *Args], Awaitable[T] | T],
    *args: *Args,
    id: str | None = None,
    resend_for: timedelta = RESEND_FOR,
) -> T:
    """Send an update and return its result; resend it under the same id if its outcome is unknown.

    Waits for a worker, and for the update to complete, while the server is reachable. Use
    `asyncio.timeout()` to limit that wait. A run executes an update id once. A workflow that
    continues as new while an update is pending has to carry the ids that it has answered.

    Args:
        handle: The workflow; without a run id, so that later runs also receive the update.
        update: The update's method on the workflow class.
        args: Its arguments.
        id: Its id, a new one by default. Pass the same id to repeat a call whose outcome is
            unknown, for example after `RPCError`.
        resend_for: How long to resend while requests keep failing.

    Raises:
        WorkflowClosed: The workflow closed before the update completed.
        WorkflowUpdateFailedError: The update was rejected, or failed.
        RPCError: The error is permanent, or requests kept failing; the outcome may be unknown.
        asyncio.CancelledError: The caller was cancelled. The update itself is not.
    """
    id, clock = id or uuid4().hex, asyncio.get_running_loop().time
    method = cast("UpdateMethodMultiParam[..., T]", update)
    deadline = None
    while True:
        sent_at = clock()
        try:
            return await handle.execute_update(method, args=args, id=id)
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            if isinstance(error.__cause__, asyncio.CancelledError):
                raise error.__cause__ from None
            problem: BaseException = error.__cause__ or error
        except (RPCError, WorkflowUpdateFailedError) as error:
            if _is_from_closed_run(error):
                if not await _is_running(handle):
                    raise WorkflowClosed(handle.id) from error
            elif not is_transient(error):
                raise
            problem = error
        if deadline is None or clock() - sent_at > LONG_POLL:
            deadline = clock() + resend_for.total_seconds()
        if clock() > deadline:
            raise problem
        await asyncio.sleep(RESEND_INTERVAL)


def _is_from_closed_run(error: RPCError | WorkflowUpdateFailedError) -> bool:
    if isinstance(error, RPCError):
        return error.status is RPCStatusCode.NOT_FOUND
    return isinstance(error.cause, ApplicationError) and error.cause.type == UPDATE_LOST_TO_CLOSE


async def _is_running(handle: WorkflowHandle[Any, Any]) -> bool:
    """Return whether any run of the workflow is open; True if no server answers."""
    try:
        return (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    except RPCError as error:
        if is_transient(error):
            return True
        raise
