"""A client of one conversation: shows new messages, sends prompts, and decides on steps."""

from durable_agents import (
    WorkflowClosed,
    is_transient,
    query_if_available,
    root_cause,
    update_reliably,
)
from durable_agents.terminal import read_line

import asyncio
import sys
from contextlib import suppress
from datetime import timedelta

import typer
from pydantic import JsonValue
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from goal_agent.goals import DEFAULT, GOALS
from goal_agent.models import Actor, ConversationHistory, ConversationStatus, Message, ToolData
from goal_agent.workflows.goal import AgentGoalWorkflow

Handle = WorkflowHandle[AgentGoalWorkflow, ConversationHistory]

POLL_INTERVAL = 0.1  # seconds
QUERY_TIMEOUT = timedelta(seconds=5)
WAITING_FOR_WORKER = "Waiting for the service ..."
HELP = "/end ends the conversation; Ctrl-D or Ctrl-C leaves it open for a day."
COLORS: dict[Actor, str] = {
    "user": "cyan",
    "agent": "green",
    "tool": "magenta",
    "system": "yellow",
}


class TurnFailed(WorkflowFailureError):
    """The conversation has ended, and some prompts were not answered."""

    def __init__(self, errors: list[str]) -> None:
        """Report the number of errors, under the type of the first."""
        message = f"prompts not answered: {len(errors)}"
        super().__init__(cause=ApplicationError(message, type=errors[0]))


class Chat:
    """A conversation, followed on standard output.

    Args:
        handle: The conversation.
        typed: Whether someone types the prompts: they are on the screen already.
    """

    def __init__(self, handle: Handle, *, typed: bool = False) -> None:
        self.typed = typed
        self.handle = handle
        self._errors: list[str] = []
        self._own_prompts: list[str] = []
        self._shown_steps: set[str] = set()
        self._shown = self._answered = 0
        self._is_waiting_noted = False

    async def next_turn(self) -> ConversationHistory:
        """Show new messages until it is the user's turn, or the conversation has ended."""
        query = AgentGoalWorkflow.get_conversation_history
        while True:
            history = await query_if_available(self.handle, query, timeout=QUERY_TIMEOUT)
            if history:
                self._show(history)
                idle = history.activity is ConversationStatus.IDLE
                ready = idle and history.answered >= self._answered
                if ready or history.activity in (
                    ConversationStatus.CONFIRMING,
                    ConversationStatus.ENDED,
                ):
                    self._answered = history.answered
                    return history
            elif not self._is_waiting_noted:
                self._is_waiting_noted = True
                self.note(WAITING_FOR_WORKER)
            await asyncio.sleep(POLL_INTERVAL)

    async def send(self, text: str) -> None:
        """Send a prompt, unless the conversation has ended. A rejected one counts as an error."""
        try:
            update = AgentGoalWorkflow.send_prompt
            self._answered = await update_reliably(self.handle, update, text)
        except WorkflowClosed:
            return
        except WorkflowUpdateFailedError as error:
            cause = root_cause(error)
            self.note(f"Not sent: {cause.message}")
            self._errors.append(cause.type)
            return
        if self.typed:
            self._own_prompts.append(text)

    async def decide(self, step: ToolData, *, confirm: bool) -> None:
        """Confirm or cancel a step; no effect if another client has decided first."""
        update = AgentGoalWorkflow.confirm_step if confirm else AgentGoalWorkflow.cancel_step
        with suppress(WorkflowClosed, WorkflowUpdateFailedError):
            await update_reliably(self.handle, update, step.step_id)

    async def end(self) -> None:
        """End the conversation, and show the rest of it.

        Raises:
            WorkflowFailureError: The conversation failed, or was terminated.
            TurnFailed: A prompt was not answered.
        """
        while (await self.handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            try:
                await self.handle.signal(AgentGoalWorkflow.end_chat)
                break
            except RPCError as error:  # NOT_FOUND: between two runs, or ended just now
                if not is_transient(error) and error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            await asyncio.sleep(POLL_INTERVAL)
        self._show(await self.handle.result())
        if self._errors and not self.typed:
            raise TurnFailed(self._errors)

    def note(self, text: str) -> None:
        """Print a line that is not part of the conversation."""
        typer.secho(_printable(text), dim=True)

    def show_step(self, step: ToolData) -> None:
        """Print a step with the exact arguments that would run."""
        self._shown_steps.add(step.step_id)
        _print("Step", "blue", _describe(step.tool, step.args))

    def _show(self, history: ConversationHistory) -> None:
        for message in history.messages[max(0, self._shown - history.earlier) :]:
            if message.actor == "user" and message.text in self._own_prompts:
                self._own_prompts.remove(message.text)
            else:
                self._show_message(message)
            if message.error:
                self._errors.append(message.error)
        self._shown = max(self._shown, history.earlier + len(history.messages))

    def _show_message(self, message: Message) -> None:
        text, decision = message.text, message.decision
        if decision and decision.step_id not in self._shown_steps:
            text += f" {_describe(decision.tool, decision.args)}"
        _print(message.actor.title(), COLORS[message.actor], text)


def check_goal(goal: str | None) -> None:
    """Check that a goal is registered, if one is given.

    Raises:
        typer.BadParameter: It is not; names those that are.
    """
    if goal is not None and goal not in GOALS:
        raise typer.BadParameter(f"There is no goal {goal!r}; known goals: {', '.join(GOALS)}")


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
        hint = "leave out --conversation-id to start a new one"
        raise typer.BadParameter(f"conversation {conversation_id} has ended; {hint}")
    return handle


async def choose_goal(prompts: list[str] | None) -> str:
    """Ask for the goal of a chat at the terminal; return the default one for a script."""
    return await pick_goal() if _is_typed(prompts) else DEFAULT


async def pick_goal() -> str:
    """Ask for a goal at the terminal; return its id. Abort on Ctrl-D."""
    for goal in GOALS.values():
        print(f"{goal.id}: {goal.description}")
    try:
        while (typed := await read_line(f"Goal [{DEFAULT}]: ") or DEFAULT) not in GOALS:
            print(f"Enter one of {', '.join(GOALS)}. You can write a message after that.")
    except EOFError:
        raise typer.Abort from None
    return typed


async def converse(
    handle: Handle, prompts: list[str] | None, goal: str | None, *, confirm: bool
) -> None:
    """Send what a person types at the terminal, or prompts, or the example prompts of a goal.

    Args:
        handle: The conversation.
        prompts: What to send.
        goal: The goal whose examples to send if there is neither a terminal nor a prompt.
        confirm: Whether to confirm every step of `prompts`; those of the examples are confirmed.

    Raises:
        TurnFailed: A prompt was not answered.
    """
    if _is_typed(prompts):
        await run_terminal(Chat(handle, typed=True))
    else:
        examples = GOALS[goal or DEFAULT].example_prompts
        await run_script(Chat(handle), prompts or examples, confirm=confirm or not prompts)


def _is_typed(prompts: list[str] | None) -> bool:
    return sys.stdin.isatty() and not prompts


async def run_script(chat: Chat, prompts: list[str], *, confirm: bool) -> None:
    """Send prompts, one each time it is the user's turn, and end the conversation.

    Args:
        chat: The conversation.
        prompts: What to send. Prompts left when the goal is reached are not sent.
        confirm: Whether to confirm or to cancel every step.

    Raises:
        TurnFailed: A prompt was not answered.
    """
    left = list(prompts)
    while (history := await chat.next_turn()).activity is not ConversationStatus.ENDED:
        if history.activity is ConversationStatus.CONFIRMING and history.tool_data:
            chat.show_step(history.tool_data)
            if not confirm:
                chat.note("Cancelled: use --yes to confirm.")
            await chat.decide(history.tool_data, confirm=confirm)
        elif left:
            await chat.send(left.pop(0))
        else:
            break
    await chat.end()


async def run_terminal(chat: Chat) -> None:
    """Send what the user types until the conversation ends, or they leave with Ctrl-D."""
    chat.note(HELP)
    try:
        while (history := await chat.next_turn()).activity is not ConversationStatus.ENDED:
            if not await _send_typed(chat, history):
                break
    except EOFError:
        chat.note(f"\nIt stays open for a day. To rejoin: --conversation-id {chat.handle.id}")
    else:
        await chat.end()


async def _send_typed(chat: Chat, history: ConversationHistory) -> bool:
    """Send a prompt or a decision; return False if the user ends the conversation instead."""
    confirming = history.activity is ConversationStatus.CONFIRMING
    step = history.tool_data if confirming else None
    if step:
        chat.show_step(step)
    while not (text := await read_line("Run this? [y/n] " if step else "You: ")):
        pass
    if step and text.lower() in ("y", "yes", "n", "no"):
        await chat.decide(step, confirm=text.lower().startswith("y"))
    elif text != "/end":  # another prompt cancels the step
        await chat.send(text)
    return text != "/end"


def _describe(tool: str, args: dict[str, JsonValue]) -> str:
    return f"{tool}({', '.join(f'{name}={value}' for name, value in args.items())})"


def _print(label: str, color: str, text: str) -> None:
    typer.echo(f"{typer.style(f'{label}:', fg=color, bold=True)} {_printable(text)}")


def _printable(text: str) -> str:
    """Return a text of a model or tool without terminal control codes."""
    return "".join(c for c in text if c.isprintable() or c == "\n")
