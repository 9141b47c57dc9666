"""One client's side of a conversation: what it has seen, says, and is told meanwhile."""

from durable_agents import query_if_available

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError

from customer_service import messaging
from customer_service.display import Display
from customer_service.errors import NotYourTurn
from customer_service.messaging import Handle
from customer_service.models import Status
from customer_service.workflows.customer_service import CustomerServiceWorkflow

LOOK_AGAIN = 0.3
"""Seconds."""

RESTARTED = "The service restarted in the middle of your turn; it goes on."
AWAY = "Waiting for the service ..."


class Chat:
    """A conversation as one client has it.

    Attributes:
        handle: The workflow.
        display: Where the lines go.
        agent: The name of the person of the airline who writes; empty for a customer.
        now: What goes on, as far as known; None while no worker is up to tell.
    """

    def __init__(self, handle: Handle, display: Display, agent: str = "") -> None:
        """Begin with nothing seen."""
        self.handle = handle
        self.display = display
        self.agent = agent
        self.now: Status | None = None
        self._seen = 0

    async def catch_up(self) -> None:
        """Show what there is to see, as soon as a worker is up to tell it."""
        query, waits = CustomerServiceWorkflow.get_chat_history, False
        while (lines := await query_if_available(self.handle, query)) is None:
            if not waits:
                self.display.note(AWAY)
                waits = True
            await asyncio.sleep(LOOK_AGAIN)
        for line in lines[self._seen :]:
            self.display.line(line)
        self._seen = max(self._seen, len(lines))

    async def look(self) -> None:
        """Note what goes on, and show what others have said."""
        self.now = await query_if_available(self.handle, CustomerServiceWorkflow.get_status)
        if self.now and self.now.chat_length > self._seen:
            await self.catch_up()

    async def say(self, text: str, *, echo: bool = True) -> None:
        """Send a message and show what it brings.

        Args:
            text: The message.
            echo: Whether to show the message itself, too.

        Raises:
            ConversationEnded: Nobody listens any more.
            WorkflowUpdateFailedError: The message was rejected, or got no answer.
        """
        if self.agent:
            await messaging.reply(self.handle, self.agent, text)
            await self.catch_up()
            return
        with self.display.busy():
            async with self._followed():
                lines = await messaging.send(self.handle, text, self._seen)
        self._seen += len(lines)
        for line in lines[0 if echo else 1 :]:
            self.display.line(line)

    async def get_through(self, text: str) -> None:
        """Send a message after all that others may be saying; show everything.

        Raises:
            ConversationEnded: Nobody listens any more.
            WorkflowUpdateFailedError: The message was rejected for what it is, or got no answer.
        """
        while True:
            try:
                return await self.say(text)
            except WorkflowUpdateFailedError as error:
                if messaging.type_of(error) != NotYourTurn.__name__:
                    raise
            await self.catch_up()
            await asyncio.sleep(LOOK_AGAIN)

    async def hand_back(self) -> None:
        """Have the agents answer again.

        Raises:
            ConversationEnded: It has ended.
        """
        await messaging.hand_back(self.handle)
        await self.catch_up()

    async def end(self) -> None:
        """End the conversation, if nobody has, and show what it came to."""
        with self.display.busy():
            self.display.doing("Summing up")
            try:
                result = await messaging.end(self.handle)
            except WorkflowFailureError:
                self.display.result("The conversation was stopped.")
                return
        person = " A person will get in touch." if result.escalated else ""
        self.display.result(
            f"The conversation has ended after {result.turns} answers. {result.summary}{person}"
        )

    @asynccontextmanager
    async def _followed(self) -> AsyncIterator[None]:
        """Tell what goes on for as long as the block lasts."""
        watchers = [asyncio.create_task(watch()) for watch in (self._tell, self._notice_restart)]
        try:
            yield
        finally:
            for watcher in watchers:
                watcher.cancel()
                with suppress(asyncio.CancelledError):
                    await watcher

    async def _tell(self) -> None:
        while True:
            now = await query_if_available(self.handle, CustomerServiceWorkflow.get_status)
            self.display.doing(f"{now.agent} {now.doing or 'is listening'}" if now else AWAY)
            await asyncio.sleep(LOOK_AGAIN)

    async def _notice_restart(self) -> None:
        while True:
            if await messaging.lost_its_worker(self.handle):
                self.display.note(RESTARTED)
                return
            await asyncio.sleep(LOOK_AGAIN)
