"""Runs the `sample` command in its own process, as a user does."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from sample_cli.processes import until

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
        self.output += (await self.process.stdout.read()).decode()
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
        env={**os.environ, **env, name: value},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield Command(process, mark)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()
