"""A person at a terminal, for the tests of chats."""

import asyncio
import io
import os
import pty
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pytest

if TYPE_CHECKING:
    from prompt_toolkit.input import PipeInput

H = TypeVar("H")

CTRL_D = "\x04"


class TerminalUser:
    """A person who chats at a pseudoterminal, in this process.

    Attributes:
        screen: The lines that the chat has shown.
        chat: The task that runs the chat.
    """

    def __init__(
        self, chat: Callable[[Callable[[str], None]], Coroutine[Any, Any, None]], keyboard: int
    ) -> None:
        self.screen: list[str] = []
        self.chat = asyncio.create_task(chat(self.screen.append))
        self._keyboard = keyboard

    def types(self, keys: str) -> None:
        """Press keys."""
        os.write(self._keyboard, keys.encode())

    async def sees(self, text: str) -> None:
        """Wait until the screen shows a text."""
        while not any(text in line for line in self.screen):
            assert not self.chat.done(), self.screen
            await asyncio.sleep(0.01)


@asynccontextmanager
async def at_a_terminal(
    chat: Callable[[Callable[[str], None]], Coroutine[Any, Any, None]],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[TerminalUser]:
    """Run a chat that reads standard input; after the block, wait until it ends.

    Args:
        chat: Starts the chat; its argument shows a line on the screen.
        monkeypatch: Replaces standard input by the pseudoterminal.
    """
    keyboard, terminal = pty.openpty()
    with os.fdopen(keyboard, "wb"), os.fdopen(terminal, "r", encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        user = TerminalUser(chat, keyboard)
        try:
            yield user
            await user.chat
        finally:
            user.chat.cancel()


@dataclass
class Person(Generic[H]):
    """A person at a chat that uses prompt_toolkit."""

    handle: H
    keys: "PipeInput"
    talking: asyncio.Task[None]
    screen: io.StringIO

    async def types(self, keys: str, until: str) -> None:
        """Press keys, and wait until the screen shows a text."""
        self.keys.send_text(keys)
        while until not in self.screen.getvalue():
            assert not self.talking.done(), self.screen.getvalue()
            await asyncio.sleep(0.01)
