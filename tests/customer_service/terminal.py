"""A person at a pseudoterminal, in the test's process."""

import asyncio
import os
import pty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from customer_service.client import Chat, Handle, talk

CTRL_D = "\x04"


class Person:
    """A person who chats at a terminal.

    Args:
        handle: The conversation.
        keyboard: The descriptor that keys are written to.
    """

    def __init__(self, handle: Handle, keyboard: int) -> None:
        self.handle = handle
        self.screen: list[str] = []
        self.talking = asyncio.create_task(talk(Chat(handle, show=self.screen.append)))
        self._keyboard = keyboard

    def types(self, keys: str) -> None:
        """Press keys."""
        os.write(self._keyboard, keys.encode())

    async def sees(self, text: str) -> None:
        """Wait until the screen shows a text."""
        while not any(text in line for line in self.screen):
            assert not self.talking.done(), self.screen
            await asyncio.sleep(0.01)


@asynccontextmanager
async def at_a_terminal(handle: Handle, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Person]:
    """Let a person talk; at the end, wait until they have left."""
    keyboard, terminal = pty.openpty()
    with os.fdopen(keyboard, "wb"), os.fdopen(terminal, "r", encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        person = Person(handle, keyboard)
        try:
            yield person
            await person.talking
        finally:
            person.talking.cancel()
