"""Runs the `sample` command in its own process, as a user does."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from sample_cli.processes import until

SHUTDOWN_TIMEOUT = 20.0  # seconds; a terminated command that takes longer hangs
SAMPLE = Path(sys.executable).parent / "sample"
needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


@dataclass
class Command:
    """A running `sample` command, in its own process group, as in a shell."""

    process: asyncio.subprocess.Process
    mark: str
    output: str = ""

    async def wait_for_output(self, text: str) -> None:
        """Wait until the command has printed a text."""
        assert self.process.stdout
        while text not in self.output:
            line = await self.process.stdout.readline()
            assert line, f"{text!r} is missing in: {self.output}"
            self.output += line.decode()

    async def end(self) -> int:
        """Wait until the command ends; return its exit code."""
        assert self.process.stdout
        while line := await self.process.stdout.readline():
            self.output += line.decode()
        return await self.process.wait()

    async def wait_for_process(self, script: str) -> None:
        """Wait until the command has started a script or program."""

        async def is_running() -> bool:
            return any(script in line for line in self.processes())

        await until(is_running)

    def processes(self) -> list[str]:
        """Return the command lines of the command and of all processes that it has started."""
        return list(_processes_with(self.mark))


def _processes_with(mark: str) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                yield (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has ended, or belongs to another user
            continue


@asynccontextmanager
async def sample(*arguments: str, **env: str) -> AsyncIterator[Command]:
    """Run a `sample` command for the duration of the block."""
    mark = f"SAMPLE_TEST={uuid4().hex}"
    name, value = mark.split("=")
    process = await asyncio.create_subprocess_exec(
        SAMPLE,
        *arguments,
        env={**os.environ, **env, name: value, "PYTHONFAULTHANDLER": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    command = Command(process, mark)
    try:
        yield command
    except BaseException as error:
        error.add_note(f"Output so far: {command.output}Processes: {command.processes()}")
        raise
    finally:
        if process.returncode is None:
            process.terminate()
            await _end(command)


async def _end(command: Command) -> None:
    """Wait for a terminated command; one that hangs is killed, and fails the test with its stacks.

    Raises AssertionError with the output and the processes that are left.
    """
    for last_signal in (signal.SIGABRT, signal.SIGKILL):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SHUTDOWN_TIMEOUT):
                await command.end()
                break
        left = command.processes()
        command.process.send_signal(last_signal)  # at SIGABRT, Python prints the stacks
    else:
        raise AssertionError(f"Still running: {left}. Output: {command.output}")
    assert last_signal == signal.SIGABRT, f"Hung, with {left}. Output: {command.output}"
