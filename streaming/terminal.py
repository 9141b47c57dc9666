"""Shows a chat in a terminal: text as it arrives, and the messages that a person types."""

from durable_agents import WorkflowClosed, root_cause, update_reliably
from durable_agents.terminal import read_line

import asyncio
import sys
from contextlib import suppress
from uuid import uuid4

from temporalio.client import WorkflowUpdateFailedError

from streaming.errors import ChatBusy, ChatEnded, TurnFailed
from streaming.models import StreamEvent, StreamPage
from streaming.reader import Handle, StreamReader
from streaming.workflows.stream import StreamingChatWorkflow

BUSY_INTERVAL = 1.0  # seconds
WAITING_FOR_WORKER = "(Waiting for a worker ...)"
ENDED = "The chat has ended."
NOT_SENT = "Nothing was sent: the chat has ended. Start another."
STORY = "Tell me a story about a lighthouse."
HELP = "Type a message; /end ends the chat, Ctrl-D leaves it open."


class Screen:
    """Prints a stream. A terminal cannot take text back, so a new attempt is announced."""

    def __init__(self) -> None:
        self._own: set[str] = set()  # ids of questions that the person has typed here
        self._call, self._attempt, self._shown = "", 0, ""

    def add_own(self, id: str) -> None:
        """Do not print the question with this id: it is on the screen already."""
        self._own.add(id)

    def show(self, page: StreamPage) -> None:
        """Print a page."""
        for turn in page.earlier or []:
            print(f"You: {turn.question}\n{turn.answer}")
        for event in page.events:
            self._show_event(event)
        sys.stdout.flush()

    def _show_event(self, event: StreamEvent) -> None:
        match event.kind:
            case "question":
                self._call, self._attempt, self._shown = "", 0, ""
                if event.id not in self._own:
                    print(f"You: {event.text}")
            case "text":
                self._show_text(event)
            case "answer" if event.text.startswith(self._shown):
                print(event.text.removeprefix(self._shown))
            case "answer":
                print(f"\n(the whole answer)\n{event.text}")
            case "failure":
                print(f"{self._break()}(not answered: {event.text})")

    def _show_text(self, event: StreamEvent) -> None:
        started = (event.call, event.attempt)
        if started != (self._call, self._attempt):
            again = f"(attempt {event.attempt})\n" if event.attempt > 1 else ""
            print(self._break() + again, end="")
            self._call, self._attempt, self._shown = *started, ""
        print(event.text, end="")
        self._shown += event.text

    def _break(self) -> str:
        return "\n" if self._shown else ""


class TerminalChat:
    """One person's view of a chat."""

    def __init__(self, handle: Handle) -> None:
        self._handle, self._screen, self._reader = handle, Screen(), StreamReader(handle)
        self._waiting = False
        self.ended = False

    async def run(self, messages: list[str], *, end: bool) -> None:
        """Show the chat, send messages, and end it if `end`; at a terminal with neither, chat.

        Raises:
            WorkflowUpdateFailedError: The first message that was not answered.
        """
        print(f"Chat {self._handle.id}")
        await self.catch_up()
        if not (messages or end or self.ended):
            if sys.stdin.isatty():
                return await self.talk()
            messages = [STORY]
        if self.ended and messages:
            sys.exit(NOT_SENT)
        await self.send_all(messages, end=end)
        return None

    async def catch_up(self) -> None:
        """Print what has happened; if a turn is in flight, until it is finished."""
        async for page in self._reader.pages():
            self._show(page)
            if page and not page.busy:
                return

    async def send(self, text: str, *, typed: bool = False) -> None:
        """Send a message, and print its answer as it arrives.

        Raises:
            WorkflowUpdateFailedError: The message was rejected, or was not answered.
            WorkflowClosed: The chat closed before.
        """
        id = uuid4().hex
        if typed:
            self._screen.add_own(id)
        sending = asyncio.create_task(self._ask(text, id))
        try:
            while True:
                answered = sending.done()
                page = await self._reader.read()
                self._show(page)
                if answered and page:
                    break
                await asyncio.wait([sending], timeout=self._reader.interval(sending=True))
        finally:
            sending.cancel()  # no effect if it is done
        await sending

    async def send_all(self, messages: list[str], *, end: bool) -> None:
        """Send messages one after the other, even if one fails; then end the chat if `end`.

        Raises:
            WorkflowUpdateFailedError: The first message that failed.
        """
        failures = []
        for text in messages:
            try:
                await self.send(text)
            except WorkflowUpdateFailedError as error:
                failures.append(error)
        if end:
            await self.end()
        for failure in failures:
            raise failure

    async def talk(self) -> None:
        """Send what a person types until they leave or the chat ends."""
        print(HELP)
        with suppress(WorkflowClosed):
            while not self.ended:
                try:
                    text = await read_line("You: ")
                except EOFError:
                    print("\nYou left. The chat stays open for an hour.")
                    return
                if text == "/end":
                    await self.end()
                elif text:
                    await self._send_typed(text)
                else:
                    await self.catch_up()
        print(ENDED)

    async def end(self) -> None:
        """End the chat, if it is open."""
        with suppress(WorkflowClosed):
            await update_reliably(self._handle, StreamingChatWorkflow.end)
        self.ended = True

    async def _send_typed(self, text: str) -> None:
        try:
            await self.send(text, typed=True)
        except WorkflowUpdateFailedError as error:
            cause = root_cause(error)
            if cause.type != TurnFailed.__name__:  # a failed turn is on the screen already
                print(f"Not sent: {cause.message}")
            self.ended = cause.type == ChatEnded.__name__

    async def _ask(self, text: str, id: str) -> str:
        while True:
            try:
                return await update_reliably(self._handle, StreamingChatWorkflow.ask, text, id=id)
            except WorkflowUpdateFailedError as error:
                if root_cause(error).type != ChatBusy.__name__:
                    raise
            await asyncio.sleep(BUSY_INTERVAL)

    def _show(self, page: StreamPage | None) -> None:
        if page is None and not self._waiting:
            print(WAITING_FOR_WORKER, flush=True)
        self._waiting = page is None
        if page:
            self._screen.show(page)
            self.ended = page.ended
