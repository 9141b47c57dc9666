"""All that the service asks of Temporal; what can go wrong there becomes a problem of ours."""

from durable_agents import WorkflowClosed, query_if_available, root_cause, update_reliably

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
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
    MAX_QUEUED,
    Activity,
    CombinedInput,
    ConversationHistory,
    StepState,
    ToolData,
    ToolParams,
)
from goal_agent.service.problems import (
    ConversationEnded,
    InvalidPrompt,
    ServiceError,
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

AT_ONCE = 4
"""Updates of a conversation on their way at once: the server allows ten, from all clients."""

T = TypeVar("T")
Handle = WorkflowHandle[AgentGoalWorkflow, ConversationHistory]
Decision = Literal["confirm", "cancel"]

_logger = logging.getLogger(__name__)


class Conversations:
    """The conversations of this service, each a workflow."""

    def __init__(self, client: Client, patience: timedelta = PATIENCE) -> None:
        """Talk to Temporal through `client`; wait for `patience` at the most."""
        self._client = client
        self._patience = patience
        self._sending: Counter[str] = Counter()
        self._turnstiles: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

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
        return history if status is WorkflowExecutionStatus.RUNNING else as_stopped(history)

    async def send(self, conversation_id: str, text: str, key: str | None = None) -> int:
        """Hand a prompt over; return its number: `answered` in the history will be as high.

        Args:
            conversation_id: Whom to say it to.
            text: The prompt.
            key: Names this prompt: sent again with the same key, it is still one prompt.

        Raises:
            UnknownConversation: There is none.
            ConversationEnded: Nobody would read it.
            TooManyPrompts: The agent has to read others first.
            InvalidPrompt: The agent takes no such text.
            Unavailable: The outcome is unknown. Sent again with the same key, it is still one.
        """
        if self._sending[conversation_id] >= MAX_QUEUED:
            raise TooManyPrompts
        self._sending[conversation_id] += 1
        try:
            update, id = AgentGoalWorkflow.send_prompt, f"prompt-{key or uuid4().hex}"
            return await self._updated(conversation_id, update, text, id)
        finally:
            self._sending[conversation_id] -= 1
            self._sending += Counter()  # drops those at zero

    async def decide(self, conversation_id: str, step_id: str, decision: Decision) -> ToolData:
        """Confirm or cancel a step; return what it is then.

        Raises:
            UnknownConversation: There is none.
            ConversationEnded: No step waits any more.
            StepNotWaiting: This one does not wait; says which one does.
            Unavailable: The outcome is unknown. If it did count, a second decision is rejected.
        """
        update_id = f"decision-{uuid4().hex}"
        return await self._updated(conversation_id, _UPDATES[decision], step_id, update_id)

    async def end(self, conversation_id: str) -> None:
        """End a conversation within a second, whatever is in flight.

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
        history = await query_if_available(handle, query, timeout=self._patience)
        if history is None:
            raise Unavailable
        return history

    async def _updated(
        self,
        conversation_id: str,
        update: Callable[[AgentGoalWorkflow, str], Awaitable[T] | T],
        argument: str,
        update_id: str,
    ) -> T:
        turnstile = self._turnstiles.setdefault(conversation_id, asyncio.Semaphore(AT_ONCE))
        try:
            async with self._in_time(), turnstile:
                handle, _ = await self._find(conversation_id)
                return await update_reliably(handle, update, argument, id=update_id)
        except WorkflowUpdateFailedError as error:
            raise problem_with(error) from None

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Turn what Temporal raises into our problems, and end what takes too long."""
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                yield
        except WorkflowClosed:
            raise ConversationEnded from None
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise UnknownConversation from None
            _logger.warning("Temporal: %s: %s", error.status.name, error.message)
            raise Unavailable from error
        except (TimeoutError, WorkflowQueryFailedError) as error:
            _logger.warning("No worker has answered: %s", error)
            raise Unavailable from error


def as_stopped(history: ConversationHistory) -> ConversationHistory:
    """Return a conversation that was stopped from outside: what it was doing, it does no more."""
    update: dict[str, object] = {"activity": Activity.ENDED}
    if (step := history.tool_data) and step.state in (StepState.WAITING, StepState.RUNNING):
        running = step.state is StepState.RUNNING
        state = StepState.FAILED if running else StepState.CANCELLED
        result = "Its outcome is unknown: it may have been done." if running else None
        update["tool_data"] = step.model_copy(update={"state": state, "result": result})
    return history.model_copy(update=update)


def problem_with(error: WorkflowUpdateFailedError) -> ServiceError:
    """Return why the workflow has rejected an update."""
    cause = root_cause(error)
    match cause.type:
        case "ConversationEnded":
            return ConversationEnded()
        case "TooManyPrompts":
            return TooManyPrompts()
        case "StepNotWaiting":
            return StepNotWaiting(cause.message)
        case "InvalidInput":
            return InvalidPrompt(cause.message)
    _logger.warning("Update failed: %s", cause)
    return Unavailable()


_UPDATES = {
    "confirm": AgentGoalWorkflow.confirm_step,
    "cancel": AgentGoalWorkflow.cancel_step,
}
