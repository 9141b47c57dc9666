"""A client of one conversation: shows new messages, sends prompts, and decides on steps."""

from durable_agents import (
    WorkflowClosed,
    is_transient,
    query_if_available,
    root_cause,
    update_reliably,
)

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

import typer
from pydantic import JsonValue
from rich.console import Console
from rich.text import Text
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from goal_agent.models import Actor, ConversationHistory, ConversationStatus, Message, ToolData
from goal_agent.workflows.goal import AgentGoalWorkflow

T = TypeVar("T")
Handle = WorkflowHandle[AgentGoalWorkflow, ConversationHistory]

POLL_INTERVAL = 0.1  # seconds
QUERY_TIMEOUT = timedelta(seconds=5)
WAITING_FOR_WORKER = "Waiting for the service ..."

STYLES: dict[Actor, str] = {
    "user": "bold cyan",
    "agent": "bold green",
    "tool": "bold magenta",
    "system": "bold yellow",
}


class TurnFailed(WorkflowFailureError):
    """The conversation has ended, and some prompts were not answered."""

    def __init__(self, errors: list[str]) -> None:
        """Report the number of errors, under the type of the first."""
        message = f"prompts not answered: {len(errors)}"
        super().__init__(cause=ApplicationError(message, type=errors[0]))


class Chat:
    """A conversation, followed on a console.

    Args:
        handle: The conversation.
        console: Where to print; standard output by default.
    """

    def __init__(self, handle: Handle, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        # A terminal wraps at words; in other output a message stays on one line.
        self.console.soft_wrap = not self.console.is_terminal
        self._handle = handle
        self._result = asyncio.create_task(self._wait_for_result())
        self._errors: list[str] = []
        self._typed: list[str] = []
        self._shown_steps: set[str] = set()
        self._shown = self._answered = 0
        self._is_waiting_noted = False

    async def next_turn(self) -> ConversationHistory:
        """Show new messages until it is the user's turn, or the conversation has ended.

        Raises:
            WorkflowFailureError: The conversation failed.
        """
        while True:
            ended = self._result.done()
            history = await (self._result if ended else self._query())
            if history:
                self._show(history)
                idle = history.activity is ConversationStatus.IDLE
                ready = idle and history.answered >= self._answered
                if ended or ready or history.activity is ConversationStatus.CONFIRMING:
                    self._answered = history.answered
                    return history
            await asyncio.sleep(POLL_INTERVAL)

    async def send(self, text: str, *, typed: bool = False) -> None:
        """Send a prompt, unless the conversation has ended. A rejected one counts as an error.

        Args:
            text: The prompt.
            typed: Whether the user typed it: then the terminal shows it already.
        """
        try:
            self._answered = await self._update(AgentGoalWorkflow.send_prompt, text)
        except WorkflowClosed:
            return
        except WorkflowUpdateFailedError as error:
            cause = root_cause(error)
            self.note(f"Not sent: {cause.message}")
            self._errors.append(cause.type)
            return
        if typed:
            self._typed.append(text)

    async def decide(self, step: ToolData, *, confirm: bool) -> None:
        """Confirm or cancel a step; no effect if another client has decided first."""
        update = AgentGoalWorkflow.confirm_step if confirm else AgentGoalWorkflow.cancel_step
        with suppress(WorkflowClosed, WorkflowUpdateFailedError):
            await self._update(update, step.step_id)

    async def end(self) -> None:
        """End the conversation, and show the rest of it.

        Raises:
            TurnFailed: A prompt was not answered.
        """
        while not self._result.done():
            try:
                await self._handle.signal(AgentGoalWorkflow.end_chat)
                break
            except RPCError as error:  # NOT_FOUND: between two runs, or ended just now
                if not is_transient(error) and error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            await asyncio.sleep(POLL_INTERVAL)
        self._show(await self._result)
        if self._errors:
            raise TurnFailed(self._errors)

    def close(self) -> None:
        """Stop following the conversation; it stays open."""
        self._result.cancel()

    def note(self, text: str) -> None:
        """Print a line that is not part of the conversation."""
        self._print(Text(style="dim"), text)

    def show_step(self, step: ToolData) -> None:
        """Print a step with the exact arguments that would run."""
        self._shown_steps.add(step.step_id)
        self._print(Text("Step: ", style="bold blue"), _describe(step.tool, step.args))

    def _show(self, history: ConversationHistory) -> None:
        for message in history.messages[max(0, self._shown - history.earlier) :]:
            if message.actor == "user" and message.text in self._typed:
                self._typed.remove(message.text)
            else:
                self._show_message(message)
            if message.error:
                self._errors.append(message.error)
        self._shown = max(self._shown, history.earlier + len(history.messages))

    def _show_message(self, message: Message) -> None:
        text, decision = message.text, message.decision
        if decision and decision.step_id not in self._shown_steps:
            text += f" {_describe(decision.tool, decision.args)}"
        self._print(Text(f"{message.actor.title()}: ", style=STYLES[message.actor]), text)

    def _print(self, label: Text, text: str) -> None:
        # Text of models and tools may contain terminal control codes.
        printable = "".join(c for c in text if c.isprintable() or c == "\n")
        self.console.print(Text.assemble(label, printable))

    async def _query(self) -> ConversationHistory | None:
        query = AgentGoalWorkflow.get_conversation_history
        history = await query_if_available(self._handle, query, timeout=QUERY_TIMEOUT)
        if history is None:
            self._note_waiting()
        return history

    async def _update(
        self, update: Callable[[AgentGoalWorkflow, str], Awaitable[T] | T], argument: str
    ) -> T:
        task = asyncio.create_task(update_reliably(self._handle, update, argument))
        done, _ = await asyncio.wait({task}, timeout=QUERY_TIMEOUT.total_seconds())
        if not done:
            self._note_waiting()
        return await task

    async def _wait_for_result(self) -> ConversationHistory:
        while True:
            try:
                return await self._handle.result()
            except RPCError as error:
                if not is_transient(error):
                    raise
            await asyncio.sleep(POLL_INTERVAL)

    def _note_waiting(self) -> None:
        if not self._is_waiting_noted:
            self.note(WAITING_FOR_WORKER)
            self._is_waiting_noted = True


async def find_open(client: Client, conversation_id: str) -> Handle | None:
    """Return the open conversation with this id; None if the id is new.

    Raises:
        typer.BadParameter: The conversation has ended, or the id belongs to another workflow.
    """
    handle: Handle = client.get_workflow_handle_for(AgentGoalWorkflow.run, conversation_id)
    try:
        found = await handle.describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    if found.workflow_type != AgentGoalWorkflow.__name__:
        problem = f"{conversation_id} is not a conversation but {found.workflow_type}"
        raise typer.BadParameter(problem)
    if found.status is not WorkflowExecutionStatus.RUNNING:
        raise typer.BadParameter(
            f"conversation {conversation_id} has ended; "
            "leave out --conversation-id to start a new one"
        )
    return handle


def _describe(tool: str, args: dict[str, JsonValue]) -> str:
    return f"{tool}({', '.join(f'{name}={value}' for name, value in args.items())})"
