"""One client of a conversation: sends messages, shows what happens, and reads a terminal."""

from durable_agents import (
    WorkflowClosed,
    is_transient,
    query_if_available,
    root_cause,
    update_reliably,
)

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from temporalio.api.enums.v1 import TimeoutType
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
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
AGENT_HELP = f"{HELP} /back hands back to the agents."


class Chat:
    """One client's view of a conversation.

    Args:
        handle: The workflow.
        name: The person who answers for the airline; empty for the customer.
        show: Prints a line.
    """

    def __init__(
        self, handle: Handle, name: str = "", show: Callable[[str], object] = PRINT
    ) -> None:
        self.name, self.show = name, show
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

    async def send(self, text: str, *, typed: bool = False) -> None:
        """Send a message and show the lines it adds, except a customer's own if it was `typed`.

        Raises:
            ConversationEnded: The conversation accepts no more messages.
            WorkflowUpdateFailedError: The message was rejected, or its turn failed.
        """
        with _ended_as_error():
            if self.name:
                reply = AgentReply(name=self.name, text=text)
                await update_reliably(self._handle, CustomerServiceWorkflow.reply_as_agent, reply)
            else:
                message = ProcessUserMessageInput(user_input=text, chat_length=self._seen)
                update = CustomerServiceWorkflow.process_user_message
                await self._watch(update_reliably(self._handle, update, message), typed)
                self._seen += typed
        await self.catch_up()

    async def send_in_turn(self, text: str) -> None:
        """Send a message as soon as other clients' turns allow it; raises as `send` does."""
        while True:
            try:
                return await self.send(text)
            except WorkflowUpdateFailedError as error:
                if root_cause(error).type != NotYourTurn.__name__:
                    raise
            await self.catch_up()
            await asyncio.sleep(POLL_INTERVAL)

    async def hand_back(self) -> None:
        """Let the agents answer again; raises as `send` does."""
        with _ended_as_error():
            await update_reliably(self._handle, CustomerServiceWorkflow.hand_back)
        await self.catch_up()

    async def end(self) -> None:
        """End the conversation, if it is open, and show its outcome."""
        try:
            with suppress(ConversationEnded), _ended_as_error():
                await update_reliably(self._handle, CustomerServiceWorkflow.end_conversation)
            result = await self._handle.result()
        except WorkflowFailureError:
            self.show("The conversation was cancelled or terminated.")
            return
        person = " A person will get in touch." if result.escalated else ""
        answers = "1 answer" if result.turns == 1 else f"{result.turns} answers"
        self.show(f"The conversation ended after {answers}. {result.summary}{person}")

    async def check_open(self) -> None:
        """Raise `ConversationEnded` if the conversation is known to have ended."""
        status = await query_if_available(self._handle, CustomerServiceWorkflow.get_status)
        if status and status.ended:
            raise ConversationEnded

    async def _watch(self, turn: Coroutine[None, None, list[str]], show_status: bool) -> None:
        """Wait for a turn; report a restart of the worker once, and each new status if asked to."""
        sending, shown = asyncio.create_task(turn), {""}
        try:
            while not (await asyncio.wait([sending], timeout=POLL_INTERVAL))[0]:
                news = [RESTARTED] if await self._has_lost_worker() else []
                status = await query_if_available(self._handle, CustomerServiceWorkflow.get_status)
                if show_status and not status:
                    news.append(WAITING_FOR_WORKER)
                elif show_status and status and status.doing:
                    news.append(f"({status.agent} {status.doing})")
                for line in news:
                    if line not in shown:
                        self.show(line)
                shown.update(news)
        finally:
            sending.cancel()  # no effect if it is done
        await sending

    async def _has_lost_worker(self) -> bool:
        """Return whether a pending activity missed its heartbeats: its worker has crashed."""
        try:
            pending = (await self._handle.describe()).raw_description.pending_activities
        except RPCError as error:
            if is_transient(error):
                return False
            raise
        timeouts = [activity.last_failure.timeout_failure_info for activity in pending]
        heartbeat = TimeoutType.TIMEOUT_TYPE_HEARTBEAT
        return any(timeout.timeout_type == heartbeat for timeout in timeouts)


async def send_all(chat: Chat, messages: list[str], *, end: bool = False) -> None:
    """Send messages one after the other, even if one fails; then end the conversation if `end`.

    Raises:
        ConversationEnded: The conversation ended before all were sent.
        WorkflowUpdateFailedError: The first message that failed.
    """
    failures = []
    for text in messages:
        try:
            await chat.send_in_turn(text)
        except WorkflowUpdateFailedError as error:
            chat.show(f"Not answered: {text} ({root_cause(error)})")
            failures.append(error)
    if end:
        await chat.end()
    for failure in failures:
        raise failure


async def talk(chat: Chat) -> None:
    """Send what a person types until they leave or the conversation ends."""
    help = AGENT_HELP if chat.name else HELP
    chat.show(help)
    draft = ""
    try:
        while True:
            await chat.catch_up()
            await chat.check_open()
            text = (await read_line("You: ")).strip() or draft
            draft = ""
            if text == "/end":
                break
            if text == "/back" and chat.name:
                await chat.hand_back()
            elif text == "/help":
                chat.show(help)
            elif text:
                draft = await _send_typed(chat, text)
    except EOFError:
        chat.show("\nYou left. The conversation stays open for 30 minutes, or 7 days if escalated.")
        return
    except ConversationEnded:
        pass
    await chat.end()


async def _send_typed(chat: Chat, text: str) -> str:
    """Send a message; return it if it was not answered, so an empty line sends it again."""
    try:
        await chat.send(text, typed=True)
    except WorkflowUpdateFailedError as error:
        if root_cause(error).type == NotYourTurn.__name__:
            chat.show("Not sent: another message arrived first. Press Enter to send it now.")
        else:
            chat.show(f"Not answered: {root_cause(error)}. Press Enter to send it again.")
        return text
    return ""


async def read_line(prompt: str) -> str:
    """Return a line typed at the terminal; raise `EOFError` on Ctrl-D.

    No thread waits in `input()`, which would delay Ctrl-C until Enter.
    """
    print(prompt, end="", flush=True)
    loop, is_typed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, is_typed.set)
    try:
        await is_typed.wait()
    finally:
        loop.remove_reader(sys.stdin)
    if line := sys.stdin.readline():
        return line
    raise EOFError


@contextmanager
def _ended_as_error() -> Iterator[None]:
    """Raise `ConversationEnded` if the workflow rejects an update as too late, or has closed."""
    try:
        yield
    except WorkflowClosed as error:
        raise ConversationEnded from error
    except WorkflowUpdateFailedError as error:
        if root_cause(error).type == ConversationEnded.__name__:
            raise ConversationEnded from error
        raise
