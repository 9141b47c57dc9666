"""A client of a chat: sends each message once, shows answers, and survives worker restarts."""

from durable_agents import WorkflowClosed, query_if_available, root_cause, update_reliably
from durable_agents.terminal import read_line

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import CancelledError, TerminatedError

from conversations.errors import ChatEnded
from conversations.models import Message
from conversations.workflows.chat import ChatWorkflow

Handle = WorkflowHandle[ChatWorkflow, str]

PRINT = partial(print, flush=True)
POLL_INTERVAL = 2.0  # seconds
WAITING_FOR_WORKER = "Waiting for a worker ..."
HELP = "/end ends the chat. Ctrl-D leaves it open, for a day."


class ChatClient:
    """One client of a chat.

    Args:
        handle: The workflow, without a run id.
        show: Prints a line.
    """

    def __init__(self, handle: Handle, show: Callable[[str], object] = PRINT) -> None:
        self.show = show
        self._handle, self._is_waiting = handle, False

    async def show_history(self) -> None:
        """Show how to resume the chat, and what was said so far; wait for a worker."""
        self.show(f"To resume this chat: --conversation-id {self._handle.id}")
        while (messages := await self._history()) is None:  # noqa: ASYNC110 (in another process)
            await asyncio.sleep(POLL_INTERVAL)
        for message in messages:
            self.show(f"{'You' if message.role == 'user' else 'Gardener'}: {message.text}")

    async def is_open(self) -> bool:
        """Return whether the workflow is running."""
        return (await self._handle.describe()).status is WorkflowExecutionStatus.RUNNING

    async def send(self, text: str) -> None:
        """Send a message, and show its answer. Resends use the same update id.

        Raises:
            ChatEnded: The chat accepts no more messages.
            WorkflowUpdateFailedError: The message was rejected, or its turn failed.
        """
        asking = asyncio.create_task(update_reliably(self._handle, ChatWorkflow.ask, text))
        try:
            while not (await asyncio.wait([asking], timeout=POLL_INTERVAL))[0]:
                await self._history()
            self.show(f"Gardener: {await asking}")
        except (WorkflowClosed, WorkflowUpdateFailedError) as error:
            if isinstance(error, WorkflowClosed) or root_cause(error).type == ChatEnded.__name__:
                raise ChatEnded from error
            raise
        finally:
            asking.cancel()  # no effect if it is done

    async def end(self) -> None:
        """End the chat, if it is open, and show its summary."""
        with suppress(WorkflowClosed):
            await update_reliably(self._handle, ChatWorkflow.end)
        try:
            self.show(f"The chat has ended. {await self._handle.result()}")
        except WorkflowFailureError as error:
            stopped = isinstance(error.cause, CancelledError | TerminatedError)
            reason = "was cancelled or terminated." if stopped else f"failed: {root_cause(error)}"
            self.show(f"The chat {reason}")

    async def _history(self) -> list[Message] | None:
        """Return the history; None if no worker answers, which is shown once."""
        history = await query_if_available(self._handle, ChatWorkflow.history)
        if history is None and not self._is_waiting:
            self.show(WAITING_FOR_WORKER)
        self._is_waiting = history is None
        return history


async def converse(chat: ChatClient, messages: list[str], *, end: bool = False) -> None:
    """Send messages, or those that a person types, or the lines of standard input.

    Exit with code 1 if the chat ends before all were sent.

    Raises:
        WorkflowUpdateFailedError: The first message that was not answered; the others were sent.
    """
    at_terminal = sys.stdin.isatty() and not messages and not end
    if not messages and not sys.stdin.isatty():
        messages = [line for line in sys.stdin.read().splitlines() if line.strip()]
    await chat.show_history()
    failures = []
    try:
        if not await chat.is_open():
            raise ChatEnded
        if at_terminal:
            await talk(chat)
        for text in messages:
            chat.show(f"You: {text}")
            failures += await try_to_send(chat, text)
    except ChatEnded:
        await chat.end()
        sys.exit("Not all messages were sent. Start another chat." if messages else 0)
    if end:
        await chat.end()
    for failure in failures:
        raise failure


async def talk(chat: ChatClient) -> None:
    """Send what a person types until they leave or end the chat."""
    chat.show(HELP)
    try:
        while (text := await read_line("You: ")) != "/end":
            if text:
                await try_to_send(chat, text)
        await chat.end()
    except EOFError:
        chat.show("\nYou left. The chat stays open.")


async def try_to_send(chat: ChatClient, text: str) -> list[WorkflowUpdateFailedError]:
    """Send a message; if it is not answered, show why, and return the error."""
    try:
        await chat.send(text)
    except WorkflowUpdateFailedError as error:
        chat.show(f"Not answered: {root_cause(error)}")
        return [error]
    return []
