"""The gateway to Temporal: every request of the service, with errors translated to its own."""

from durable_agents import WorkflowClosed, query_if_available, root_cause, update_reliably

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from goal_agent import TASK_QUEUE
from goal_agent.goals import GOALS
from goal_agent.models import (
    CombinedInput,
    ConversationHistory,
    ConversationStatus,
    ToolData,
    ToolParams,
)
from goal_agent.web.errors import Kind, ServiceError
from goal_agent.workflows.goal import AgentGoalWorkflow

CONVERSATION_ID = re.compile(r"goal-[0-9a-f]{32}")
"""The service generates the ids, so they cannot be guessed or name another workflow."""

REQUEST_TIMEOUT = timedelta(seconds=5)

MAX_UPDATES_IN_FLIGHT = 4
"""Updates in flight to one conversation. The server allows ten, from all clients."""

T = TypeVar("T")
Handle = WorkflowHandle[AgentGoalWorkflow, ConversationHistory]
Decision = Literal["confirm", "cancel"]

_logger = logging.getLogger(__name__)


@dataclass
class Changes:
    """The number of changes to a conversation."""

    count: int = 0


class WorkflowGateway:
    """Starts, reads, and changes conversations, each a workflow.

    Each method raises `ServiceError` of a kind that fits, and `Unavailable` if Temporal or every
    worker is down: then its outcome is unknown.

    Args:
        client: A client of Temporal.
        timeout: The time limit of a request.
    """

    def __init__(self, client: Client, timeout: timedelta = REQUEST_TIMEOUT) -> None:
        self._client, self._timeout = client, timeout
        self._semaphores: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._changes: WeakValueDictionary[str, Changes] = WeakValueDictionary()

    async def start(self, goal: str, prompt: str | None = None) -> str:
        """Start a conversation, optionally with a first prompt; return its id."""
        if goal not in GOALS:
            known = ", ".join(GOALS)
            raise ServiceError(Kind.UnknownGoal, f"There is no such goal. Known goals: {known}.")
        params = ToolParams(prompt_queue=[prompt] if prompt else [])
        conversation_id = f"goal-{uuid4().hex}"
        async with self._translate_errors():
            await self._client.start_workflow(
                AgentGoalWorkflow.run,
                CombinedInput(tool_params=params, agent_goal=goal),
                id=conversation_id,
                task_queue=TASK_QUEUE,
                rpc_timeout=self._timeout,
            )
        return conversation_id

    async def history(self, conversation_id: str) -> ConversationHistory:
        """Return a conversation. A completed one is read from its result, without a worker."""
        async with self._translate_errors():
            handle, status = await self._find(conversation_id)
            if status is WorkflowExecutionStatus.COMPLETED:
                return await handle.result(rpc_timeout=self._timeout)
            query = AgentGoalWorkflow.get_conversation_history
            history = await query_if_available(handle, query, timeout=self._timeout)
        if history is None:
            raise ServiceError(Kind.Unavailable)
        if status is WorkflowExecutionStatus.RUNNING:
            return history
        return history.model_copy(update={"activity": ConversationStatus.ENDED})

    async def version(self, conversation_id: str) -> str:
        """Return a text that differs after every change of a conversation.

        Unlike a query, which Temporal Cloud bills, this needs no worker.
        """
        async with self._translate_errors():
            handle = self._handle(conversation_id)
            found = await handle.describe(rpc_timeout=self._timeout)
        return f"{found.run_id} {found.history_length} {found.status}"

    def changes_of(self, conversation_id: str) -> Changes:
        """Return the number of changes that this gateway makes to a conversation from now on."""
        return self._changes.setdefault(conversation_id, Changes())

    async def send(self, conversation_id: str, text: str, key: str | None = None) -> int:
        """Send a prompt; return its number: it is processed once `answered` reaches it.

        A prompt that is sent again with the same idempotency key is queued once.
        """
        update_id = f"prompt-{key or uuid4().hex}"
        return await self._update(conversation_id, AgentGoalWorkflow.send_prompt, text, update_id)

    async def decide(self, conversation_id: str, step_id: str, decision: Decision) -> ToolData:
        """Confirm or cancel a step, once; return it in its new state."""
        confirm, cancel = AgentGoalWorkflow.confirm_step, AgentGoalWorkflow.cancel_step
        update = confirm if decision == "confirm" else cancel
        return await self._update(conversation_id, update, step_id, f"decision-{uuid4().hex}")

    async def end(self, conversation_id: str) -> None:
        """End a conversation within a second, whatever is in flight."""
        async with self._translate_errors():
            handle, status = await self._find(conversation_id)
            if status is not WorkflowExecutionStatus.RUNNING:
                raise ServiceError(Kind.ConversationEnded)
            await handle.signal(AgentGoalWorkflow.end_chat, rpc_timeout=self._timeout)
        self.changes_of(conversation_id).count += 1

    async def _find(self, conversation_id: str) -> tuple[Handle, WorkflowExecutionStatus | None]:
        handle = self._handle(conversation_id)
        description = await handle.describe(rpc_timeout=self._timeout)
        if description.workflow_type != AgentGoalWorkflow.__name__:
            raise ServiceError(Kind.UnknownConversation)
        return handle, description.status

    def _handle(self, conversation_id: str) -> Handle:
        if not CONVERSATION_ID.fullmatch(conversation_id):
            raise ServiceError(Kind.UnknownConversation)
        return self._client.get_workflow_handle_for(AgentGoalWorkflow.run, conversation_id)

    async def _update(
        self,
        conversation_id: str,
        update: Callable[[AgentGoalWorkflow, str], Awaitable[T] | T],
        argument: str,
        update_id: str,
    ) -> T:
        semaphore = asyncio.Semaphore(MAX_UPDATES_IN_FLIGHT)
        semaphore = self._semaphores.setdefault(conversation_id, semaphore)
        async with self._translate_errors(), semaphore:
            handle, _ = await self._find(conversation_id)
            result = await update_reliably(handle, update, argument, id=update_id)
            self.changes_of(conversation_id).count += 1
            return result

    @asynccontextmanager
    async def _translate_errors(self) -> AsyncIterator[None]:
        """Raise the service's own errors for Temporal's, and enforce the timeout."""
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                yield
        except WorkflowClosed:
            raise ServiceError(Kind.ConversationEnded) from None
        except WorkflowUpdateFailedError as error:
            cause = root_cause(error)
            if cause.type in Kind.__members__:
                raise ServiceError(Kind[cause.type], cause.message) from None
            _logger.warning("Update failed: %s", cause)
            raise ServiceError(Kind.Unavailable) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise ServiceError(Kind.UnknownConversation) from None
            _logger.warning("Temporal: %s: %s", error.status.name, error.message)
            raise ServiceError(Kind.Unavailable) from error
        except (TimeoutError, WorkflowQueryFailedError) as error:
            _logger.warning("No worker responded: %s", error)
            raise ServiceError(Kind.Unavailable) from error
