"""How a client talks to a conversation: so that no message is lost, and none is answered twice."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

from temporalio.api.enums.v1 import TimeoutType
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from customer_service.models import ConversationResult, ProcessUserMessageInput, Status
from customer_service.rules import ConversationEnded
from customer_service.workflows.customer_service import CustomerServiceWorkflow

T = TypeVar("T")
Handle = WorkflowHandle[CustomerServiceWorkflow, ConversationResult]

RESENDS = 20
PAUSE = 0.5
"""Seconds between two tries."""

QUERY_WITHIN = timedelta(seconds=2)

CLOSED = "AcceptedUpdateCompletedWorkflow"
"""How the server calls an update whose run was ended from outside."""

# What a request meets while a run closes, the server is busy, or no worker is up.
PASSING = {
    RPCStatusCode.ABORTED,
    RPCStatusCode.CANCELLED,  # what the client calls its timeout
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.NOT_FOUND,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.UNAVAILABLE,
}


async def send(handle: Handle, text: str, chat_length: int) -> list[str]:
    """Send a message to who has seen `chat_length` lines; return the lines that it brings.

    Raises:
        ConversationEnded: Nobody listens any more.
        WorkflowUpdateFailedError: The message was rejected, or got no answer.
        RPCError: The server did not take it, again and again.
    """
    update = CustomerServiceWorkflow.process_user_message
    message = ProcessUserMessageInput(user_input=text, chat_length=chat_length)
    update_id = uuid4().hex
    return await _surely(handle, lambda: handle.execute_update(update, message, id=update_id))


async def end(handle: Handle) -> ConversationResult:
    """End the conversation, if nobody has; return what it came to."""
    update = CustomerServiceWorkflow.end_conversation
    update_id = uuid4().hex
    with suppress(ConversationEnded):
        return await _surely(handle, lambda: handle.execute_update(update, id=update_id))
    return await handle.result()


async def _surely(handle: Handle, update: Callable[[], Awaitable[T]]) -> T:
    """Make an update, and make it again where nobody knows what became of it.

    The run may be continued as a new one while the update is on its way, or the connection may be
    lost before the answer is here. It is sent again under the same id, by which a run knows an
    update that it has had, and this workflow also a message that an earlier run has answered.
    """
    for last_try in [*[False] * RESENDS, True]:
        try:
            return await update()
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            if last_try:
                raise
        except RPCError as error:
            if last_try or error.status not in PASSING:
                raise
        except WorkflowUpdateFailedError as error:
            if type_of(error) not in (CLOSED, ConversationEnded.__name__):
                raise
        if not await is_running(handle):
            break
        await asyncio.sleep(PAUSE)
    raise ConversationEnded


async def is_running(handle: Handle) -> bool:
    """Return whether the conversation goes on, in whatever run."""
    return (await handle.describe()).status is WorkflowExecutionStatus.RUNNING


def type_of(error: WorkflowUpdateFailedError) -> str | None:
    """Return the type under which the workflow rejected or failed an update."""
    return error.cause.type if isinstance(error.cause, ApplicationError) else None


async def history(handle: Handle) -> list[str] | None:
    """Return the lines of a conversation; None while no worker is up to tell them."""
    return await _told(
        handle.query(CustomerServiceWorkflow.get_chat_history, rpc_timeout=QUERY_WITHIN)
    )


async def status(handle: Handle) -> Status | None:
    """Return what goes on in a conversation; None while no worker is up to tell."""
    return await _told(handle.query(CustomerServiceWorkflow.get_status, rpc_timeout=QUERY_WITHIN))


async def lost_its_worker(handle: Handle) -> bool:
    """Return whether a worker died in the turn under way: its call stopped to give signs of life.

    The server knows this by itself, whether or not a worker is up.
    """
    description = (await handle.describe()).raw_description
    failures = [pending.last_failure for pending in description.pending_activities]
    return any(
        failure.timeout_failure_info.timeout_type == TimeoutType.TIMEOUT_TYPE_HEARTBEAT
        for failure in failures
    )


async def _told(query: Awaitable[T]) -> T | None:
    try:
        return await query
    except RPCError as error:
        if error.status not in PASSING:
            raise
    return None
