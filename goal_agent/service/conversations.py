"""All that the service asks of Temporal; what can go wrong there becomes a problem of ours."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Literal
from uuid import uuid4

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from goal_agent import TASK_QUEUE
from goal_agent.goals import GOALS
from goal_agent.models import (
    MAX_QUEUED,
    Activity,
    CombinedInput,
    ConversationHistory,
    ToolData,
    ToolParams,
)
from goal_agent.service.problems import (
    ConversationEnded,
    StepNotWaiting,
    TooManyPrompts,
    Unavailable,
    UnknownConversation,
    UnknownGoal,
)
from goal_agent.workflows.goal import AgentGoalWorkflow

ID = re.compile(r"goal-[0-9a-f]{32}")
"""What a conversation is called. The service makes the ids: nobody can guess one, or reach another
workflow of the namespace through one."""

PATIENCE = timedelta(seconds=5)
"""How long a caller waits for Temporal and a worker."""

TRIES = 3
"""How often a decision is sent: a run may be continued as a new one while it is on its way."""

CLOSED = "AcceptedUpdateCompletedWorkflow"
"""How the server calls an update whose run ended before it was done."""

Handle = WorkflowHandle[AgentGoalWorkflow, ConversationHistory]
Decision = Literal["confirm", "cancel"]

_logger = logging.getLogger(__name__)


class Conversations:
    """The conversations of this service, each a workflow."""

    def __init__(self, client: Client, patience: timedelta = PATIENCE) -> None:
        """Talk to Temporal through `client`; wait for `patience` at the most."""
        self._client = client
        self._patience = patience

    async def start(self, goal: str, prompt: str | None = None) -> str:
        """Begin a conversation, with what the user says first if anything; return its id.

        Raises:
            UnknownGoal: The registry has no such goal.
            Unavailable: Temporal does not answer.
        """
        if goal not in GOALS:
            raise UnknownGoal(f"There is no such goal. There are: {', '.join(GOALS)}.")
        params = ToolParams(prompt_queue=[prompt] if prompt else [])
        conversation_id = f"goal-{uuid4().hex}"
        async with self._in_time():
            await self._client.start_workflow(
                AgentGoalWorkflow.run,
                CombinedInput(tool_params=params, agent_goal=goal),
                id=conversation_id,
                task_queue=TASK_QUEUE,
                rpc_timeout=self._patience,
            )
        return conversation_id

    async def history(self, conversation_id: str) -> ConversationHistory:
        """Return all of a conversation. One that ran to its end needs no worker for it.

        Raises:
            UnknownConversation: There is none.
            Unavailable: Temporal, or a worker, does not answer.
        """
        async with self._in_time():
            handle, status = await self._find(conversation_id)
            if status is WorkflowExecutionStatus.COMPLETED:
                return await handle.result(rpc_timeout=self._patience)
            history = await self._told(handle)
        if status is WorkflowExecutionStatus.RUNNING:
            return history
        return history.model_copy(update={"activity": Activity.ENDED})  # stopped from outside

    async def send(self, conversation_id: str, text: str) -> None:
        """Hand a prompt over. Without an error, there is room for it, and the agent will read it.

        Raises:
            UnknownConversation: There is none.
            ConversationEnded: Nobody would read it.
            TooManyPrompts: The agent has to read others first.
            Unavailable: Temporal, or a worker, does not answer.
        """
        async with self._in_time():
            handle = await self._running(conversation_id)
            history = await self._told(handle)
            if history.activity is Activity.ENDED:
                raise ConversationEnded
            if history.queued >= MAX_QUEUED:
                raise TooManyPrompts
            await handle.signal(AgentGoalWorkflow.user_prompt, text, rpc_timeout=self._patience)

    async def decide(self, conversation_id: str, step_id: str, decision: Decision) -> ToolData:
        """Confirm or cancel a step; return what it is then.

        Raises:
            UnknownConversation: There is none.
            ConversationEnded: No step waits any more.
            StepNotWaiting: This one does not wait; says which one does.
            Unavailable: Nobody knows whether the decision counts. If it did, a second is refused.
        """
        async with self._in_time():
            update_id = uuid4().hex  # a run that has had this decision knows it by the id
            for _ in range(TRIES):
                handle = await self._running(conversation_id)
                if step := await self._decided(handle, step_id, decision, update_id):
                    return step
        raise Unavailable

    async def end(self, conversation_id: str) -> None:
        """End a conversation, after the tool that runs, if one does.

        Raises:
            UnknownConversation: There is none.
            ConversationEnded: It has ended.
            Unavailable: Temporal does not answer.
        """
        async with self._in_time():
            handle = await self._running(conversation_id)
            await handle.signal(AgentGoalWorkflow.end_chat, rpc_timeout=self._patience)

    async def _find(self, conversation_id: str) -> tuple[Handle, WorkflowExecutionStatus | None]:
        if not ID.fullmatch(conversation_id):
            raise UnknownConversation
        handle: Handle = self._client.get_workflow_handle_for(
            AgentGoalWorkflow.run, conversation_id
        )
        description = await handle.describe(rpc_timeout=self._patience)
        if description.workflow_type != AgentGoalWorkflow.__name__:
            raise UnknownConversation
        return handle, description.status

    async def _running(self, conversation_id: str) -> Handle:
        handle, status = await self._find(conversation_id)
        if status is not WorkflowExecutionStatus.RUNNING:
            raise ConversationEnded
        return handle

    async def _told(self, handle: Handle) -> ConversationHistory:
        query = AgentGoalWorkflow.get_conversation_history
        return await handle.query(query, rpc_timeout=self._patience)

    async def _decided(
        self, handle: Handle, step_id: str, decision: Decision, update_id: str
    ) -> ToolData | None:
        """Return the step; None where the run was closed before the decision came to it."""
        try:
            return await handle.execute_update(
                _UPDATES[decision], step_id, id=update_id, rpc_timeout=self._patience
            )
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            if not isinstance(cause, ApplicationError) or cause.type != CLOSED:
                raise StepNotWaiting(
                    getattr(cause, "message", "This step waits no more.")
                ) from None
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        return None

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Turn what Temporal raises into our problems, and end what takes too long."""
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                yield
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise UnknownConversation from None
            _logger.warning("Temporal: %s: %s", error.status.name, error.message)
            raise Unavailable from error
        except (
            TimeoutError,
            WorkflowQueryFailedError,
            WorkflowUpdateRPCTimeoutOrCancelledError,
        ) as error:
            _logger.warning("No worker has answered: %s", error)
            raise Unavailable from error


_UPDATES = {
    "confirm": AgentGoalWorkflow.confirm_step,
    "cancel": AgentGoalWorkflow.cancel_step,
}
