"""One client of a conversation: sends messages, and shows what happens."""

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
from collections.abc import Callable, Coroutine
from functools import partial

from temporalio.api.enums.v1 import TimeoutType
from temporalio.client import (
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.service import RPCError

from customer_service.errors import ConversationEnded, NotYourTurn
from customer_service.models import AgentReply, ConversationResult, ProcessUserMessageInput
from customer_service.workflows.customer_service import CustomerServiceWorkflow

Handle = WorkflowHandle[CustomerServiceWorkflow, ConversationResult]

PRINT = partial(print, flush=True)
POLL_INTERVAL = 0.3  # seconds
RESTARTED = "The service restarted during your turn; the turn continues."
WAITING_FOR_WORKER = "Waiting for the service ..."
HELP = "Enter shows new messages, /end ends the conversation, Ctrl-D leaves it open."
PERSON_HELP = f"{HELP} /back hands back to the agents."


class Chat:
    """One client's view of a conversation.

    Args:
        handle: The workflow.
        name: The person who answers for the airline; empty for the customer.
        typed: Whether someone types at a terminal: their own lines are on the screen already.
        show: Prints a line.
    """

    def __init__(
        self,
        handle: Handle,
        name: str = "",
        *,
        typed: bool = False,
        show: Callable[[str], object] = PRINT,
    ) -> None:
        self.name, self.typed, self.show = name, typed, show
        self._handle = handle
        self._seen = 0

    async def catch_up(self) -> None:
        """Show the lines that this client has not seen; wait for a worker if there is none."""
        query, is_waiting = CustomerServiceWorkflow.get_chat_history, False
        while (lines := await query_if_available(self._handle, query)) is None:
            if not is_waiting:
                self.show(WAITING_FOR_WORKER)
            is_waiting = True
            await asyncio.sleep(POLL_INTERVAL)
        for line in lines[self._seen :]:
            self.show(line)
        self._seen = max(self._seen, len(lines))

    async def send(self, line: str) -> WorkflowUpdateFailedError | None:
        """Send a message or a command, and show what it adds; return why it failed, if it did.

        A message that was typed before others were read is rejected; any other is sent again.
        """
        while True:
            try:
                await self._send_once(line)
                await self.catch_up()
                return None
            except WorkflowClosed:
                failure = WorkflowUpdateFailedError(ConversationEnded())
            except WorkflowUpdateFailedError as error:
                failure = error
            await self.catch_up()
            cause = root_cause(failure)
            if self.typed or cause.type != NotYourTurn.__name__:
                self.show(f"Not answered: {line} ({cause})")
                return failure
            await asyncio.sleep(POLL_INTERVAL)

    async def has_ended(self) -> bool:
        """Return whether the conversation is known to be closed."""
        found = await self._describe()
        return found is not None and found.status is not WorkflowExecutionStatus.RUNNING

    async def show_outcome(self) -> None:
        """Wait for the end of the conversation, and show its outcome."""
        try:
            result = await self._handle.result()
        except WorkflowFailureError as error:
            status = (await self._handle.describe()).status
            name = status.name.replace("_", " ").lower() if status else "unknown"
            self.show(f"The conversation has no outcome, its status is {name} ({error.cause}).")
            return
        person = " A person will get in touch." if result.escalated else ""
        answers = "1 answer" if result.turns == 1 else f"{result.turns} answers"
        self.show(f"The conversation ended after {answers}. {result.summary}{person}")

    async def _send_once(self, line: str) -> None:
        if line == "/end":
            await update_reliably(self._handle, CustomerServiceWorkflow.end_conversation)
        elif line == "/back" and self.name:
            await update_reliably(self._handle, CustomerServiceWorkflow.hand_back)
        elif self.name:
            reply = AgentReply(name=self.name, text=line)
            await update_reliably(self._handle, CustomerServiceWorkflow.reply_as_agent, reply)
        else:
            message = ProcessUserMessageInput(user_input=line, chat_length=self._seen)
            update = CustomerServiceWorkflow.process_user_message
            await self._watch(update_reliably(self._handle, update, message))
            self._seen += self.typed

    async def _watch(self, turn: Coroutine[None, None, list[str]]) -> None:
        """Wait for a turn; show a restart of the worker, and what is done if someone watches."""
        sending, shown = asyncio.create_task(turn), {""}
        try:
            while not (await asyncio.wait([sending], timeout=POLL_INTERVAL))[0]:
                news = {RESTARTED} if await self._has_lost_worker() else set()
                if self.typed:
                    news.add(await self._status())
                for line in news - shown:
                    self.show(line)
                shown |= news
        finally:
            sending.cancel()  # no effect if it is done
        await sending

    async def _status(self) -> str:
        status = await query_if_available(self._handle, CustomerServiceWorkflow.get_status)
        if not status:
            return WAITING_FOR_WORKER
        return f"({status.agent} {status.doing})" if status.doing else ""

    async def _has_lost_worker(self) -> bool:
        """Return whether a pending activity missed its heartbeats: its worker has crashed."""
        found = await self._describe()
        pending = found.raw_description.pending_activities if found else []
        timeouts = [activity.last_failure.timeout_failure_info for activity in pending]
        heartbeat = TimeoutType.TIMEOUT_TYPE_HEARTBEAT
        return any(timeout.timeout_type == heartbeat for timeout in timeouts)

    async def _describe(self) -> WorkflowExecutionDescription | None:
        """Return the state of the workflow; None while no server answers."""
        try:
            return await self._handle.describe()
        except RPCError as error:
            if is_transient(error):
                return None
            raise


async def converse(handle: Handle, messages: list[str], *, end: bool, is_new: bool) -> None:
    """Send messages, or else what a person types, or the lines of standard input.

    Args:
        handle: The conversation.
        messages: What to send.
        end: Whether to end the conversation afterwards.
        is_new: Whether to show how to join the conversation.

    Raises:
        WorkflowUpdateFailedError: The first message that failed. Those after it were sent.
    """
    if is_new:
        PRINT(f"New conversation. To join it from another terminal: --conversation-id {handle.id}")
    at_terminal = sys.stdin.isatty()
    given = messages or ([] if at_terminal else sys.stdin.read().splitlines())
    lines = [*(text for text in given if text.strip()), *(["/end"] if end else [])]
    await talk(Chat(handle, typed=at_terminal and not messages and not end), lines)


async def talk(chat: Chat, lines: list[str]) -> None:
    """Send lines, or what someone types; show the outcome if the conversation has ended.

    Raises:
        WorkflowUpdateFailedError: The first line that failed. The lines after it were sent.
    """
    await chat.catch_up()
    if chat.typed:
        await _talk_at_terminal(chat)
    failures = [failure for line in lines if (failure := await chat.send(line))]
    if await chat.has_ended():
        await chat.show_outcome()
    for failure in failures:
        raise failure


async def _talk_at_terminal(chat: Chat) -> None:
    chat.show(PERSON_HELP if chat.name else HELP)
    while not await chat.has_ended():
        try:
            line = await read_line("You: ")
        except EOFError:
            chat.show("\nYou left. The conversation stays open until it is idle for too long.")
            return
        if line:
            await chat.send(line)
        else:
            await chat.catch_up()
