"""Starts processes and ends every one of them, whatever stops this program."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

GRACE = 5.0
STOP_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Failed(Exception):
    """What a person is told in one line, with the exit code that goes with it."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class Background:
    """A process without a terminal: its output goes to a file.

    It leads a process group of its own, so that a terminal's Ctrl-C does not reach it, and so
    that what it starts ends with it.
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
        """Start the process; `log` is appended to."""
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                env=env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return cls(name, process, log)

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Wait for its end; return its exit code."""
        return await self._process.wait()

    async def end(self) -> None:
        """Ask it to end, give it some seconds, then kill it; a signal to us cuts it short."""
        try:
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                if self.alive:
                    self._process.terminate()
                    async with asyncio.timeout(GRACE):
                        await self.wait()
        finally:
            await self.kill()

    async def kill(self) -> None:
        """Kill it and all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self.pid, signal.SIGKILL)
        await self.wait()

    def tail(self, lines: int = 20) -> str:
        """Return the end of its output."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])


@contextlib.asynccontextmanager
async def background(
    name: str, command: Sequence[str | Path], env: Mapping[str, str], log: Path
) -> AsyncIterator[Background]:
    """Run a process for as long as the block runs."""
    process = await Background.start(name, command, env, log)
    try:
        yield process
    finally:
        await process.end()


@contextlib.asynccontextmanager
async def foreground(
    command: Sequence[str | Path], env: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a process that owns the terminal: it reads from it, and Ctrl-C reaches it.

    It has had that Ctrl-C already when we come to end it, so it first gets the time to end by
    itself; another signal would break into its clean-up.
    """
    process = await asyncio.create_subprocess_exec(*command, env=env)
    try:
        yield process
    finally:
        try:
            await _ends(process)
            process.terminate()
            await _ends(process)
        except ProcessLookupError:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _ends(process: asyncio.subprocess.Process) -> None:
    """Wait a second for a process to end."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await process.wait()


def run_until_signal(main: Coroutine[Any, Any, int]) -> int:
    """Run `main` and return its exit code; the first signal cancels it, later ones do nothing.

    A cancelled coroutine runs its clean-up, and only ever stops at an `await`: there is no moment
    at which a process has been started but nobody knows of it.
    """
    return asyncio.run(_until_signal(main))


async def _until_signal(main: Coroutine[Any, Any, int]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main)
    caught: list[int] = []

    def stop(number: int, _frame: object) -> None:
        if not caught:
            caught.append(number)
            loop.call_soon_threadsafe(task.cancel)

    before = {number: signal.signal(number, stop) for number in STOP_SIGNALS}
    try:
        return await task
    except asyncio.CancelledError:
        return 128 + caught[0] if caught else 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what another process does, and nothing here is told of."""
    while True:
        if await condition():
            return
        await asyncio.sleep(0.05)


def free_port(wanted: int = 0) -> int:
    """Return a port that is free now: `wanted` if it is, else any."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            if sys.platform != "win32":  # there it would mean "share the port"
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Failed("No free port on 127.0.0.1.")
