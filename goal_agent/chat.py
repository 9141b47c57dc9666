"""One client's side of a conversation: it shows what is new, says things, and decides on steps."""

from durable_agents import (
    WorkflowClosed,
    is_transient,
    query_if_available,
    root_cause,
    update_reliably,
)

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from goal_agent.display import Display
from goal_agent.models import Activity, ConversationHistory, ToolData
from goal_agent.workflows.goal import AgentGoalWorkflow

T = TypeVar("T")
Handle = WorkflowHandle[AgentGoalWorkflow, ConversationHistory]

LOOK_AGAIN = 0.1  # seconds
QUERY_WITHIN = timedelta(seconds=5)

AWAY = "Waiting for the service ..."


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
        self._result = asyncio.create_task(self._once_over())
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
        """Send a prompt, if anyone still listens; one that was typed is on the screen already.

        A prompt that is rejected is shown as such, and is one of the errors.
        """
        send = update_reliably(self._handle, AgentGoalWorkflow.send_prompt, text)
        try:
            self._answered = await self._noting_absence(send)
        except WorkflowClosed:
            return
        except WorkflowUpdateFailedError as error:
            cause = root_cause(error)
            self.display.note(f"Not sent: {cause.message}")
            self.errors.append(cause.type)
            return
        if typed:
            self._typed.append(text)

    async def decide(self, step: ToolData, *, confirm: bool) -> None:
        """Confirm or cancel a step.

        One that does not wait any more was decided on by someone else: the next look will show it.
        """
        update = AgentGoalWorkflow.confirm_step if confirm else AgentGoalWorkflow.cancel_step
        with suppress(WorkflowClosed, WorkflowUpdateFailedError):
            await self._noting_absence(update_reliably(self._handle, update, step.step_id))

    async def end(self) -> None:
        """End the conversation, and show the rest of it.

        Raises:
            TurnFailed: Not everything was answered.
        """
        while not self._result.done():
            try:
                await self._handle.signal(AgentGoalWorkflow.end_chat)
                break
            except RPCError as error:
                if not is_transient(error) and error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            await asyncio.sleep(LOOK_AGAIN)
        self._show(await self._result)
        if self.errors:
            raise TurnFailed(self.errors)

    def close(self) -> None:
        """Stop following; the conversation stays."""
        self._result.cancel()

    async def _told(self) -> ConversationHistory | None:
        query = AgentGoalWorkflow.get_conversation_history
        history = await query_if_available(self._handle, query, timeout=QUERY_WITHIN)
        if history is None:
            self._note_absence()
        return history

    async def _once_over(self) -> ConversationHistory:
        """Return the conversation once it is over, however often the server is away meanwhile."""
        while True:
            try:
                return await self._handle.result()
            except RPCError as error:
                if not is_transient(error):
                    raise
            await asyncio.sleep(LOOK_AGAIN)

    async def _noting_absence(self, sending: Awaitable[T]) -> T:
        """Return what sending something returns; note when that takes long."""
        task = asyncio.ensure_future(sending)
        done, _ = await asyncio.wait({task}, timeout=QUERY_WITHIN.total_seconds())
        if not done:
            self._note_absence()
        return await task

    def _note_absence(self) -> None:
        if not self._away:
            self.display.note(AWAY)
            self._away = True

    def _show(self, history: ConversationHistory) -> None:
        for message in history.messages[max(0, self._seen - history.earlier) :]:
            if message.actor == "user" and message.text in self._typed:
                self._typed.remove(message.text)
            else:
                self.display.message(message)
            if message.error:
                self.errors.append(message.error)
        self._seen = max(self._seen, history.earlier + len(history.messages))
