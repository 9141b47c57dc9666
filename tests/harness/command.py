"""Runs the `sample` command as a person does: in a process of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
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
    """A `sample` command that runs, in a process group of its own as a shell would have it."""

    process: asyncio.subprocess.Process
    mark: str
    output: str = ""

    async def says(self, text: str) -> None:
        """Wait until the command has printed something."""
        assert self.process.stdout
        while text not in self.output:
            line = await self.process.stdout.readline()
            assert line, f"{text!r} is missing in: {self.output}"
            self.output += line.decode()

    async def end(self) -> int:
        """Wait for the end; returns the exit code."""
        assert self.process.stdout
        self.output += (await self.process.stdout.read()).decode()
        return await self.process.wait()

    async def starts(self, script: str) -> None:
        """Wait until a process of the command runs a script or program."""
        await until(self._runs(script))

    def processes(self) -> list[str]:
        """Return the command lines of all processes that the command has started, and its own."""
        return list(_processes_with(self.mark))

    def _runs(self, script: str) -> Callable[[], "asyncio.Future[bool]"]:
        async def found() -> bool:
            return any(script in line for line in self.processes())

        return lambda: asyncio.ensure_future(found())


def _processes_with(mark: str) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                yield (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has just ended, or is somebody else's
            continue


@asynccontextmanager
async def sample(*arguments: str, **env: str) -> AsyncIterator[Command]:
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
