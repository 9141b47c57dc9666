"""A user at a terminal: lines for `input`, and the screen that they see."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from queue import Queue
from typing import TypeAlias

from rich.console import Console

from goal_agent.client import Chat
from goal_agent.run_worker import build_worker
from goal_agent.terminal import run_terminal
from sample_cli.processes import until
from tests.goal_agent.conversations import Handle, obedient_model, start
from tests.harness.workers import serving

Keyboard: TypeAlias = "Queue[str | None]"

SCREEN_TIMEOUT = 20  # seconds; a busy machine stalls


class User:
    """A user whose lines `input` returns, one after the other; None is Ctrl-D."""

    def __init__(self, handle: Handle, keyboard: Keyboard) -> None:
        self.handle, self._keyboard = handle, keyboard
        self._screen = io.StringIO()
        self._chat = Chat(handle, Console(file=self._screen, width=200))
        self.chatting = asyncio.create_task(run_terminal(self._chat))

    @property
    def screen(self) -> str:
        """Everything that was printed."""
        return self._screen.getvalue()

    async def types(self, *lines: str | None, sees: str = "") -> None:
        """Type lines, and wait for a text on the screen."""
        for line in lines:
            self._keyboard.put(line)

        async def is_shown() -> bool:
            shown = sees in self.screen
            assert shown or not self.chatting.done(), self.screen
            return shown

        try:
            async with asyncio.timeout(SCREEN_TIMEOUT):
                await until(is_shown)
        except TimeoutError:
            raise AssertionError(f"{sees!r} is not on the screen:\n{self.screen}") from None

    def close(self) -> None:
        self._chat.close()


@asynccontextmanager
async def at_terminal(keyboard: Keyboard) -> AsyncIterator[User]:
    async with serving(build_worker, obedient_model()) as client:
        user = User(await start(client), keyboard)
        try:
            yield user
        finally:
            user.close()
