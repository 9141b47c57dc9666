"""Chats by thread id: each request becomes one update or query of the thread's workflow."""

from durable_agents import WorkflowClosed, root_cause, update_reliably
from durable_agents.handles import UPDATE_LOST_TO_CLOSE

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from conversations import TASK_QUEUE
from conversations.errors import ChatEnded, TurnFailed
from conversations.models import Message
from conversations.web.problems import STATUS, Problem
from conversations.workflows.chat import ChatWorkflow

ACCEPT_TIMEOUT = 5.0  # seconds until a worker has accepted an update
ANSWER_TIMEOUT = 50.0  # seconds; proxies often close a request after 60

UNAVAILABLE = "No worker responds. Try again; resend a message with the same Idempotency-Key."
ENDED = ChatEnded().message

_logger = logging.getLogger(__name__)


class Threads:
    """Chats by thread id. It has no state, so any number of services can serve the same threads.

    Args:
        client: A Temporal client.
        accept_timeout: Seconds within which a worker must respond.
        answer_timeout: Seconds to wait for an answer.
    """

    def __init__(
        self,
        client: Client,
        *,
        accept_timeout: float = ACCEPT_TIMEOUT,
        answer_timeout: float = ANSWER_TIMEOUT,
    ) -> None:
        self._client = client
        self._accept_timeout, self._answer_timeout = accept_timeout, answer_timeout

    async def ask(self, thread_id: str, text: str, key: str) -> str | None:
        """Send a message, and start the thread if it is new; return the answer.

        Requests with the same key get the same answer. Returns None if the turn takes longer than
        `answer_timeout`: it continues, and a request with the same key returns its answer.

        Raises:
            Problem: InvalidInput, ChatEnded, TooManyMessages, TurnFailed, TurnStopped; Unavailable:
                repeat the request with the same key.
        """
        async with self._translate_errors():
            try:
                update = await self._start_update(thread_id, text, key)
            except WorkflowAlreadyStartedError:  # the workflow has closed
                return await self._find_answer(thread_id, key)
            with suppress(TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
                async with asyncio.timeout(self._answer_timeout):
                    return await self._result(update, text)
        return None

    async def stop(self, thread_id: str) -> bool:
        """Stop the turn in flight; return whether one was stopped.

        Raises:
            Problem: UnknownThread, Unavailable.
        """
        async with self._translate_errors(), asyncio.timeout(self._accept_timeout):
            try:
                return await update_reliably(self._handle(thread_id), ChatWorkflow.stop)
            except WorkflowClosed:
                return False

    async def history(self, thread_id: str) -> list[Message]:
        """Return the messages and answers, also of a closed thread.

        Raises:
            Problem: UnknownThread, Unavailable.
        """
        timeout = timedelta(seconds=self._accept_timeout)
        async with self._translate_errors():
            return await self._handle(thread_id).query(ChatWorkflow.history, rpc_timeout=timeout)

    def _handle(self, thread_id: str) -> WorkflowHandle[ChatWorkflow, str]:
        # The prefix keeps requests away from workflows that are not threads.
        return self._client.get_workflow_handle_for(ChatWorkflow.run, f"thread-{thread_id}")

    async def _start_update(self, thread_id: str, text: str, key: str) -> WorkflowUpdateHandle[str]:
        """Send an update, and start the workflow if it is new; return once a worker accepts it."""
        start = WithStartWorkflowOperation(
            ChatWorkflow.run,
            None,  # no state: a new thread
            id=self._handle(thread_id).id,
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
        async with asyncio.timeout(self._accept_timeout):
            return await self._client.start_update_with_start_workflow(
                ChatWorkflow.ask,
                text,
                id=key,
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                start_workflow_operation=start,
            )

    async def _result(self, update: WorkflowUpdateHandle[str], text: str) -> str:
        try:
            return await update.result()
        except WorkflowUpdateFailedError as error:
            if root_cause(error).type != UPDATE_LOST_TO_CLOSE:
                raise
        # The run continued as new before the message had its turn: resend it to the next one.
        handle = self._client.get_workflow_handle_for(ChatWorkflow.run, update.workflow_id)
        return await update_reliably(handle, ChatWorkflow.ask, text, id=update.id)

    async def _find_answer(self, thread_id: str, key: str) -> str:
        """Return the answer that a closed thread has given."""
        timeout = timedelta(seconds=self._accept_timeout)
        query = ChatWorkflow.find_answer
        answer = await self._handle(thread_id).query(query, key, rpc_timeout=timeout)
        if answer is None:
            raise Problem("ChatEnded", ENDED)
        return answer

    @asynccontextmanager
    async def _translate_errors(self) -> AsyncIterator[None]:
        """Raise problems in place of errors of the workflow, the server, and timeouts."""
        try:
            yield
        except WorkflowClosed:
            raise Problem("ChatEnded", ENDED) from None
        except WorkflowUpdateFailedError as error:
            raise _problem_of(error) from None
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError, RPCError) as error:
            if isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND:
                raise Problem("UnknownThread", "There is no such thread.") from None
            _logger.warning("Temporal: %r", error)
            raise Problem("Unavailable", UNAVAILABLE) from None


def _problem_of(error: WorkflowUpdateFailedError) -> Problem:
    """Return the problem for an update that was rejected or failed."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type in STATUS:
        # Only the type of the root cause: a provider's message is not for clients.
        reason = f" ({root_cause(error).type})" if cause.__cause__ else ""
        return Problem(cause.type, f"{cause.message}{reason}")
    return Problem("TurnFailed", f"{TurnFailed().message} ({root_cause(error).type})")
