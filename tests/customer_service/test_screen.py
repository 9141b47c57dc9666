"""The client program at a real terminal: prompt, answer, Ctrl-C."""

import asyncio
import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from offline_model.server import OfflineModel
from sample_cli.catalog import find
from sample_cli.processes import until
from tests.harness.forked_worker import ForkedWorker

SAMPLE = find("customer_service/customer_service")


class Screen:
    """A pseudoterminal that a program runs in."""

    def __init__(self) -> None:
        self._ours, self.programs = pty.openpty()
        fcntl.ioctl(self.programs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
        self.shown = b""
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self) -> None:
        self.shown += os.read(self._ours, 65536)

    async def types(self, keys: str, until_shown: str) -> None:
        """Press keys, and wait for new output that contains a text."""
        before = len(self.shown)
        os.write(self._ours, keys.encode())

        async def is_shown() -> bool:
            return until_shown.encode() in self.shown[before:]

        async with asyncio.timeout(25):
            await until(is_shown)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)
        os.close(self.programs)


@asynccontextmanager
async def client_on(screen: Screen) -> AsyncIterator[asyncio.subprocess.Process]:
    end = screen.programs
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(SAMPLE.starter),
        stdin=end,
        stdout=end,
        stderr=end,
        env={**os.environ, "TERM": "xterm-256color"},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        screen.close()


@pytest.mark.exhaustive
async def test_person_chats_and_quits_with_ctrl_c(model: OfflineModel) -> None:
    screen = Screen()
    with ForkedWorker(SAMPLE.topic):
        async with client_on(screen) as client:
            await screen.types("", "Ctrl-D leaves it open")
            model.latency = 1.0  # long enough for the client to poll
            await screen.types("Is there wifi?\r", "Skyward")
            await screen.types("\x03", "^C")
            assert await client.wait() == 130
    assert b"Traceback" not in screen.shown
    assert b"is thinking" in screen.shown
