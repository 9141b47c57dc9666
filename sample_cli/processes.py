"""Starts processes, and stops all of them when this process exits or is interrupted."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

SHUTDOWN_TIMEOUT = 5.0  # seconds
POLL_INTERVAL = 0.05  # seconds
# Large packages are imported on two threads. Imports at the same time can wait for each other, or
# see a module that the other thread has only half initialized.
IMPORT_LOCK = threading.Lock()
STOP_SIGNALS = [each for each in signal.Signals if each.name in ("SIGINT", "SIGTERM", "SIGHUP")]


class CommandError(Exception):
    """An error that is shown without a traceback; the exit code is 2 for a usage error."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Background:
    """A process whose standard error goes to `log`, and its standard output to a `.out` file.

    It leads its own process group: a terminal's Ctrl-C does not reach it, and its children are
    killed with it.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self.pid = process.pid
        self._process = process

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str | Path], env: Mapping[str, str], log: Path
    ) -> "Background":
        """Start the process; its output replaces the contents of the files."""
        with log.open("wb") as stderr, log.with_suffix(".out").open("wb") as stdout:
            process = await asyncio.create_subprocess_exec(
                *command,
                env=env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        return cls(name, process, log)

    @property
    def output(self) -> str:
        """What the process has written to standard output."""
        return self.log.with_suffix(".out").read_text(encoding="utf-8", errors="replace")

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self._process.returncode is None

    async def wait_for_output(self, found: Callable[[str], object]) -> bool:
        """Wait until `found` in its standard output; return false if it exits before."""
        while True:
            if not self.alive or found(self.output):
                return self.alive
            await asyncio.sleep(POLL_INTERVAL)

    async def wait(self) -> int:
        """Wait for the process to exit; return its exit code."""
        return await self._process.wait()

    async def end(self) -> None:
        """Terminate the process, and kill it after 5 s or when this call is cancelled."""
        try:
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                self._process.terminate()
                async with asyncio.timeout(SHUTDOWN_TIMEOUT):
                    await self.wait()
        finally:
            await self.kill()

    async def kill(self) -> None:
        """Kill the process and its children."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self.pid, signal.SIGKILL)
        await self.wait()

    def tail(self, lines: int = 20) -> str:
        """Return the last lines of its standard output and standard error."""
        text = self.output + self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])


@contextlib.asynccontextmanager
async def background(
    name: str, command: Sequence[str | Path], env: Mapping[str, str], log: Path
) -> AsyncIterator[Background]:
    """Run a process for the duration of the block."""
    process = await Background.start(name, command, env, log)
    try:
        yield process
    finally:
        await process.end()


@contextlib.asynccontextmanager
async def foreground(
    command: Sequence[str | Path], env: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a process that owns the terminal: it reads input, and Ctrl-C reaches it.

    If Ctrl-C ends the block, the process has received it too. It gets a second to exit before it is
    terminated, since another signal would interrupt its cleanup.
    """
    process = await asyncio.create_subprocess_exec(*command, env=env)
    try:
        yield process
    finally:
        try:
            await asyncio.wait([asyncio.ensure_future(process.wait())], timeout=1)
            if process.returncode is None:
                process.terminate()
                await asyncio.wait([asyncio.ensure_future(process.wait())], timeout=1)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def run_until_signal(main: Coroutine[Any, Any, int]) -> int:
    """Run `main` and return its exit code; the first signal cancels it, later ones are ignored.

    A cancelled coroutine runs its cleanup and stops only at an `await`, so a signal cannot arrive
    between the start of a process and its registration for cleanup.
    """
    return asyncio.run(_until_signal(main))


async def _until_signal(main: Coroutine[Any, Any, int]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main)
    caught: list[int] = []

    def stop(number: int, _frame: object = None) -> None:
        if not caught:
            caught.append(number)
            loop.call_soon_threadsafe(task.cancel)

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    # A handler of signal.signal() does not wake a loop that is just about to wait for events; it is
    # called after the next event, if there is one. asyncio's does.
    if sys.platform != "win32":  # where every signal wakes the loop, and asyncio has no handlers
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        return 128 + caught[0] if caught else 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Poll a condition until it is true, for changes in another process."""
    while True:
        if await condition():
            return
        await asyncio.sleep(POLL_INTERVAL)


def free_port(preferred: int = 0) -> int:
    """Return a free port: the preferred one if it is free, otherwise any."""
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            if sys.platform != "win32":  # where the option would share the port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise CommandError("No free port on 127.0.0.1.")
