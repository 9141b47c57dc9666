"""The chat at a terminal: a prompt below, what others say above it, and some commands."""

from durable_agents import root_cause

import asyncio
from contextlib import suppress

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import HTML
from prompt_toolkit.patch_stdout import patch_stdout
from temporalio.client import WorkflowUpdateFailedError

from customer_service.chat import AWAY, Chat
from customer_service.errors import ConversationEnded, NotYourTurn
from customer_service.messaging import type_of

LOOK_EVERY = 1.0
"""Seconds between two looks at what others say."""

HELP = "/end ends the conversation, Ctrl-D leaves it open, Ctrl-C quits. All else is sent."
AGENT_HELP = f"/back hands back to the agents. {HELP}"


class Terminal:
    """A person who types."""

    def __init__(self, chat: Chat) -> None:
        """Ask at standard input, show in `chat`."""
        self._chat = chat
        self._help = AGENT_HELP if chat.agent else HELP
        self._session: PromptSession[str] = PromptSession(
            HTML("<ansicyan><b>You:</b></ansicyan> "),
            bottom_toolbar=self._toolbar,
            refresh_interval=LOOK_EVERY / 2,
        )

    async def talk(self) -> None:
        """Send what is typed until the person has enough.

        Raises:
            ConversationEnded: Someone else ended it.
            EOFError: The person leaves.
        """
        self._chat.display.note(self._help)
        draft = ""
        while True:
            text = (await self._typed(draft)).strip()
            draft = ""
            if text == "/end":
                await self._chat.end()
                return
            if text == "/back" and self._chat.agent:
                await self._chat.hand_back()
            elif text == "/help":
                self._chat.display.note(self._help)
            elif text:
                draft = await self._sent(text)

    async def _sent(self, text: str) -> str:
        """Send a message; return it where the person may want to send it again."""
        try:
            await self._chat.say(text, echo=False)
        except WorkflowUpdateFailedError as error:
            await self._chat.look()
            if type_of(error) == NotYourTurn.__name__:
                self._chat.display.note("Not sent, someone else was quicker. Enter sends it now.")
            else:
                self._chat.display.note(f"Not answered: {root_cause(error)}")
            return text
        return ""

    async def _typed(self, draft: str) -> str:
        looking = asyncio.create_task(self._look())
        try:
            with patch_stdout(raw=True):
                return await self._session.prompt_async(default=draft)
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    async def _look(self) -> None:
        while True:
            await self._chat.look()
            if self._chat.now and self._chat.now.ended:
                self._session.app.exit(exception=ConversationEnded())
                return
            await asyncio.sleep(LOOK_EVERY)

    def _toolbar(self) -> str:
        now = self._chat.now
        if not now:
            return f" {AWAY}"
        person = "  |  a person has been called" if now.escalated else ""
        doing = f"{now.agent} {now.doing}" if now.doing else f"{now.agent} is listening"
        return f" {doing}{person}  |  /help"
