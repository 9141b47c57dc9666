"""The other side of `driver.py`: sends requests to a system's process."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.peers.driver import READY


class Killed(Exception):
    """The process has ended before it answered."""


class Client:
    """A process that runs agents, or asks others to.

    Attributes:
        finished: The seconds that each run took, by its id.
    """

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.pid = process.pid
        self.finished: dict[str, float] = {}
        self._process, self._log = process, log

    @classmethod
    async def start(
        cls, module: str, arguments: Sequence[str], env: Mapping[str, str], log: Path
    ) -> "Client":
        """Start a module, and wait until it is ready."""
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, *arguments),
                env=env,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        client = cls(process, log)
        while (await client._line()).strip() != READY:
            pass
        return client

    async def run(self, runs: Sequence[str], at_once: int = 1, *, resume: bool = False) -> float:
        """Run agents, `at_once` at a time; return the seconds that all of them took.

        With `resume`, only wait for runs that were started before.

        Raises:
            Killed: The process has ended.
        """
        assert self._process.stdin
        request = {"runs": runs, "at_once": at_once, "resume": resume}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        while True:
            line = await self._line()
            if not line.startswith("{"):  # a warning of the Temporal SDK, on a slow machine
                continue
            answer = json.loads(line)
            if "run" not in answer:
                return float(answer["seconds"])
            self.finished[answer["run"]] = answer["seconds"]

    async def kill(self) -> None:
        """Kill the process with SIGKILL, and its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()

    async def _line(self) -> str:
        assert self._process.stdout
        line = await self._process.stdout.readline()
        if not line:
            raise Killed(self._log.read_text(encoding="utf-8")[-2_000:])
        return line.decode()
