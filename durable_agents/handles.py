"""Queries, updates, and results for clients that outlive restarts of the worker and the server."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar, TypeVarTuple, cast
from uuid import uuid4

from temporalio import client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.service import RPCStatusCode as Status
from temporalio.workflow import UpdateMethodMultiParam

W = TypeVar("W")
T = TypeVar("T")
Args = TypeVarTuple("Args")

QUERY_TIMEOUT = timedelta(seconds=2)
RESEND_FOR = timedelta(minutes=1)  # the time that a server may take to restart
RESEND_INTERVAL = 0.5  # seconds
LONG_POLL = 30.0  # seconds; the server answers a pending update's poll after 20

UPDATE_LOST_TO_CLOSE = "AcceptedUpdateCompletedWorkflow"
"""Error type that the server gives an update whose run closed before the update completed."""

# No worker polls, or the run is about to close; the SDK reports its own RPC timeout as CANCELLED.
_NO_WORKER = {Status.CANCELLED, Status.DEADLINE_EXCEEDED, Status.FAILED_PRECONDITION}
# UNKNOWN is a "transport error": the connection was lost.
_NO_SERVER = {Status.ABORTED, Status.INTERNAL, Status.UNAVAILABLE, Status.UNKNOWN}
TRANSIENT = {*_NO_WORKER, *_NO_SERVER, Status.RESOURCE_EXHAUSTED}
"""Statuses of requests that may succeed later: no worker, a busy or restarting server."""


class WorkflowClosed(RPCError):
    """The workflow closed before the update completed, and no later run continues it."""

    def __init__(self, workflow_id: str) -> None:
        super().__init__(f"workflow {workflow_id} is closed", Status.NOT_FOUND, b"")


def is_transient(error: BaseException) -> bool:
    """Return whether a failed request may succeed later: no worker, or no server, answered."""
    if isinstance(error, client.WorkflowUpdateRPCTimeoutOrCancelledError):
        return isinstance(error.__cause__, RPCError)
    return isinstance(error, RPCError) and error.status in TRANSIENT


async def query_if_available(
    handle: client.WorkflowHandle[W, Any],
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
    except TimeoutError:
        return None
    except RPCError as error:
        if is_transient(error):
            return None
        raise


async def update_reliably(
    handle: client.WorkflowHandle[W, Any],
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
    id, method = id or uuid4().hex, cast("UpdateMethodMultiParam[..., T]", update)

    async def send() -> T:
        try:
            return await handle.execute_update(method, args=args, id=id)
        except client.WorkflowUpdateRPCTimeoutOrCancelledError as error:
            raise error.__cause__ or error from None
        except (RPCError, client.WorkflowUpdateFailedError) as error:
            if not _is_from_closed_run(error):
                raise
            if (await handle.describe()).status is not client.WorkflowExecutionStatus.RUNNING:
                raise WorkflowClosed(handle.id) from error
            raise RPCError("the run closed; another follows", Status.ABORTED, b"") from error

    return await resend(send, resend_for)


async def resend(send: Callable[[], Awaitable[T]], limit: timedelta) -> T:
    """Return the result of `send()`; repeat it while it keeps failing, for up to `limit`.

    Raises:
        Exception: The error is permanent, or the last one when the time is up.
    """
    deadline = None
    while True:
        sent_at = time.monotonic()
        try:
            return await send()
        except Exception as error:
            if not is_transient(error):
                raise
            if deadline is None or time.monotonic() - sent_at > LONG_POLL:
                deadline = time.monotonic() + limit.total_seconds()
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(RESEND_INTERVAL)


def _is_from_closed_run(error: RPCError | client.WorkflowUpdateFailedError) -> bool:
    if isinstance(error, RPCError):
        return error.status is Status.NOT_FOUND
    return isinstance(error.cause, ApplicationError) and error.cause.type == UPDATE_LOST_TO_CLOSE


class ResultPolling(client.Interceptor):
    """Keeps waiting for a workflow's result while the server restarts; the SDK waits for 6 s."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:
        """Add this interceptor to a client."""
        return _ResultPollingOutbound(next)


class _ResultPollingOutbound(client.OutboundInterceptor):
    def fetch_workflow_history_events(
        self, input: client.FetchWorkflowHistoryEventsInput
    ) -> client.WorkflowHistoryEventAsyncIterator:
        events = super().fetch_workflow_history_events(input)
        if input.wait_new_event and not input.rpc_timeout:
            fetch = events.fetch_next_page
            events.fetch_next_page = lambda **page: resend(  # type: ignore[method-assign]
                partial(fetch, **page), RESEND_FOR
            )
        return events
