"""One client's side of a conversation: it shows what is new, says things, and decides on steps."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta

from temporalio.client import (
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from goal_agent.display import Display
from goal_agent.models import Activity, ConversationHistory, ToolData
from goal_agent.workflows.goal import AgentGoalWorkflow

Handle = WorkflowHandle[AgentGoalWorkflow, ConversationHistory]

LOOK_AGAIN = 0.1  # seconds
QUERY_WITHIN = timedelta(seconds=5)

AWAY = "Waiting for the service ..."

# What a request meets while no worker is up, or the server is busy.
PASSING = {
    RPCStatusCode.ABORTED,
    RPCStatusCode.CANCELLED,  # what the client calls its timeout
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.UNAVAILABLE,
}


class TurnFailed(WorkflowFailureError):
    """The conversation is over, and not all of its prompts were answered."""

    def __init__(self, errors: list[str]) -> None:
        """Name the first error."""
        message = f"{len(errors)} of the prompts got no answer"
        super().__init__(cause=ApplicationError(message, type=errors[0]))


class Chat:
    """A conversation as one client has it.

    Attributes:
        display: Where it is shown.
        errors: The types of what made turns fail.
    """

    def __init__(self, handle: Handle, display: Display) -> None:
        """Begin with nothing seen."""
        self.display = display
        self.errors: list[str] = []
        self._handle = handle
        self._result = asyncio.ensure_future(handle.result())
        self._seen = self._answered = 0
        self._away = False
        self._typed: list[str] = []

    async def next_turn(self) -> ConversationHistory:
        """Show what happens until something is wanted of the user, or the end has come.

        Raises:
            WorkflowFailureError: The conversation came to no good end.
        """
        while True:
            over = self._result.done()
            history = await self._result if over else await self._told()
            if history:
                self._show(history)
                idle = history.activity is Activity.IDLE and history.answered >= self._answered
                if over or idle or history.activity is Activity.CONFIRMING:
                    self._answered = history.answered
                    return history
            await asyncio.sleep(LOOK_AGAIN)

    async def say(self, text: str, *, typed: bool = False) -> None:
        """Send a prompt, if anyone still listens; one that was typed is on the screen already."""
        self._answered += 1
        if typed:
            self._typed.append(text)
        await self._sent(self._handle.signal(AgentGoalWorkflow.user_prompt, text))

    async def decide(self, step: ToolData, *, confirm: bool) -> None:
        """Confirm or cancel a step.

        One that does not wait any more was decided on by someone else, or by an earlier try whose
        answer was lost: the next look will tell.
        """
        update = AgentGoalWorkflow.confirm_step if confirm else AgentGoalWorkflow.cancel_step
        with suppress(WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError):
            await self._sent(self._handle.execute_update(update, step.step_id))

    async def end(self) -> None:
        """End the conversation, and show the rest of it.

        Raises:
            TurnFailed: Not everything was answered.
        """
        await self._sent(self._handle.signal(AgentGoalWorkflow.end_chat))
        self._show(await self._result)
        if self.errors:
            raise TurnFailed(self.errors)

    def close(self) -> None:
        """Stop following; the conversation stays."""
        self._result.cancel()

    async def _told(self) -> ConversationHistory | None:
        query = AgentGoalWorkflow.get_conversation_history
        try:
            return await self._handle.query(query, rpc_timeout=QUERY_WITHIN)
        except RPCError as error:
            if error.status not in PASSING:
                raise
        if not self._away:
            self.display.note(AWAY)
            self._away = True
        return None

    def _show(self, history: ConversationHistory) -> None:
        for message in history.messages[max(0, self._seen - history.earlier) :]:
            if message.actor == "user" and message.text in self._typed:
                self._typed.remove(message.text)
            else:
                self.display.message(message)
            if message.error:
                self.errors.append(message.error)
        self._seen = max(self._seen, history.earlier + len(history.messages))

    async def _sent(self, sending: Awaitable[object]) -> None:
        """Send something that a conversation which is over need not get."""
        try:
            await sending
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
