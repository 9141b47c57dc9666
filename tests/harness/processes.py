"""Runs scripts of samples as processes, and notes what they say and how they end."""

import asyncio
import os
import runpy
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.harness.starters import TOPICS

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # it would fetch one at import
LONGEST_RUN = 50  # seconds: less than a test has, so that what it has said is told

forks = get_context("forkserver")
forks.set_forkserver_preload(
    [
        "tests.harness.adapters",
        "tests.harness.forked_worker",
        *(f"{topic}.run_worker" for topic in TOPICS),
        "model_providers.litellm_provider",  # which its worker imports only when it opens it
    ]
)


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said."""

    code: int | None
    out: str
    err: str


async def run_script(script: Path, *arguments: str, folder: Path | None = None) -> Ended:
    """Run a script to its end in a new interpreter, in this environment."""
    command = [sys.executable, str(script), *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ended(process.returncode, out.decode(), err.decode())


class ForkedScript:
    """A script in a process of its own that has all imports from the start: it begins at once.

    Args:
        script: What runs as `__main__`.
        arguments: Its command line.
        folder: Where it runs, and its output goes.
    """

    def __init__(self, script: Path, *arguments: str, folder: Path) -> None:
        self._out, self._err = folder / "out.txt", folder / "err.txt"
        environment = dict(os.environ)
        given = (script, arguments, environment, folder)
        self._process = forks.Process(target=_run, args=given, daemon=True)
        self._process.start()

    def __enter__(self) -> Self:
        """Return the script, which is starting."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Kill it, if it still runs."""
        self._process.kill()
        self._process.join()
        self._process.close()

    @property
    def out(self) -> str:
        """What it has printed so far."""
        return self._out.read_text(encoding="utf-8") if self._out.exists() else ""

    @property
    def err(self) -> str:
        """What it has printed to standard error so far."""
        return self._err.read_text(encoding="utf-8") if self._err.exists() else ""

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process.pid
        os.kill(self._process.pid, number)

    async def ended(self) -> Ended:
        """Wait for its end."""
        await asyncio.to_thread(self._process.join, LONGEST_RUN)
        assert self._process.exitcode is not None, f"it still runs: {self.out}{self.err}"
        return Ended(self._process.exitcode, self.out, self.err)


def _run(
    script: Path, arguments: tuple[str, ...], environment: dict[str, str], folder: Path
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for name, descriptor in [("out.txt", 1), ("err.txt", 2)]:
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.parent))
    runpy.run_path(str(script), run_name="__main__")
