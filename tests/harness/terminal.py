"""A person at a pseudoterminal: types, and waits for text on the screen."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch

from sample_cli.processes import until

CTRL_C, CTRL_D = "\x03", "\x04"
SCREEN_TIMEOUT = 60  # seconds; a busy machine stalls
STYLE = re.compile(rb"\x1b\[[0-9;]*m|\r")


class Person:
    """A person at a pseudoterminal of 200 columns, in front of a program.

    Attributes:
        program: The program; done once it has ended.
    """

    program: asyncio.Future[Any]

    def __init__(self) -> None:
        self._keyboard, self.terminal = pty.openpty()
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self._shown = b""
        self._reading = Thread(target=self._read, daemon=True)
        self._reading.start()

    @property
    def screen(self) -> str:
        """Everything that was shown, without colors. The terminal also shows what was typed."""
        return STYLE.sub(b"", self._shown).decode(errors="replace")

    async def types(self, keys: str, *, sees: str = "") -> None:
        """Press keys, and wait until new text on the screen contains `sees`."""
        before, ended = len(self.screen), False
        os.write(self._keyboard, keys.encode())

        async def is_shown() -> bool:
            nonlocal ended
            shown = sees in self.screen[before:]
            assert shown or not ended, self.screen
            ended = self.program.done()  # its last text may still have to be read
            return shown

        try:
            async with asyncio.timeout(SCREEN_TIMEOUT):
                await until(is_shown)
        except TimeoutError:
            raise AssertionError(f"{sees!r} is not on the screen:\n{self.screen}") from None

    def leave(self) -> None:
        """Close the terminal, once nothing else has it open."""
        os.close(self.terminal)
        self._reading.join()
        os.close(self._keyboard)

    def _read(self) -> None:
        with suppress(OSError):  # nothing has the terminal open
            while True:
                self._shown += os.read(self._keyboard, 65536)


@asynccontextmanager
async def at_terminal(chat: Coroutine[Any, Any, Any]) -> AsyncIterator[Person]:
    """Run a chat in this process; at the end of the block, wait until it returns."""
    person = Person()
    with (
        os.fdopen(os.dup(person.terminal), encoding="utf-8") as stdin,
        os.fdopen(os.dup(person.terminal), "w", buffering=1, encoding="utf-8") as stdout,
        patch("sys.stdin", stdin),
        patch("sys.stdout", stdout),
    ):
        person.program = asyncio.create_task(chat)
        try:
            yield person
            await person.program
        finally:
            person.program.cancel()
            await asyncio.wait([person.program])
    person.leave()


@asynccontextmanager
async def script_at_terminal(script: Path) -> AsyncIterator[Person]:
    """Run a script in a process of its own; at the end of the block, kill it if it still runs."""
    person = Person()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        stdin=person.terminal,
        stdout=person.terminal,
        stderr=person.terminal,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    person.program = asyncio.ensure_future(process.wait())
    try:
        yield person
    finally:
        if process.returncode is None:
            process.kill()
        await person.program
        person.leave()
