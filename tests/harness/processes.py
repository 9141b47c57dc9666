"""Runs scripts and workers as processes.

A forked process starts from one that has imported everything: in 0.1 s instead of 3 s.
"""

import asyncio
import os
import runpy
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.harness.starters import TOPICS

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # it would fetch one at import
RUN_TIMEOUT = 150  # seconds: less than a test's timeout, so that the output is reported

forks = get_context("forkserver")
forks.set_forkserver_preload(
    [
        "tests.harness.adapters",
        "tests.harness.deadlocks",
        "tests.harness.forked_worker",
        *(f"{topic}.run_worker" for topic in TOPICS),
        "model_providers.litellm_provider",  # imported by its worker only when it is opened
        "openai.resources.responses.responses",  # and these for the first model call
        "httpcore2",
        "anyio._backends._asyncio",
    ]
)


@dataclass(frozen=True)
class Ended:
    """The exit code and the output of an ended process."""

    code: int | None
    out: str
    err: str


async def run_script(
    script: Path,
    *arguments: str,
    folder: Path | None = None,
    python: Sequence[str] = (sys.executable,),
) -> Ended:
    """Run a script in a new interpreter, in this environment, until it ends."""
    command = [*python, str(script), *arguments]
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


class ForkedProcess:
    """A function in a forked process, in this environment, for the duration of the `with` block.

    Args:
        target: The function.
        arguments: Its arguments.
        shutdown_timeout: Seconds that the process gets to handle SIGTERM at the end of the block.
            0 kills it.
    """

    def __init__(
        self, target: Callable[..., None], *arguments: object, shutdown_timeout: float = 0
    ) -> None:
        self._shutdown_timeout = shutdown_timeout
        given = (target, arguments, dict(os.environ))
        self.process = forks.Process(target=_call, args=given, daemon=True)
        self.process.start()

    def __enter__(self) -> Self:
        """Return the process, which is starting."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process."""
        if self._shutdown_timeout:
            self.process.terminate()
            self.process.join(self._shutdown_timeout)
        self.kill()
        self.process.close()

    def kill(self) -> None:
        """Kill the process with SIGKILL, and wait until it has ended."""
        self.process.kill()
        self.process.join()


class ForkedScript(ForkedProcess):
    """A script in a forked process.

    Args:
        script: The script, which runs as `__main__`.
        arguments: Its command line.
        folder: Its working directory; its output goes to out.txt and err.txt there.
    """

    def __init__(self, script: Path, *arguments: str, folder: Path) -> None:
        self._out, self._err = folder / "out.txt", folder / "err.txt"
        super().__init__(_run_script, script, arguments, folder)

    @property
    def out(self) -> str:
        """The standard output so far."""
        return self._out.read_text(encoding="utf-8") if self._out.exists() else ""

    @property
    def err(self) -> str:
        """The standard error so far."""
        return self._err.read_text(encoding="utf-8") if self._err.exists() else ""

    def send(self, number: signal.Signals) -> None:
        """Send the script a signal."""
        assert self.process.pid
        os.kill(self.process.pid, number)

    async def ended(self) -> Ended:
        """Wait up to `RUN_TIMEOUT` until the script ends."""
        await asyncio.to_thread(self.process.join, RUN_TIMEOUT)
        assert self.process.exitcode is not None, f"it still runs: {self.out}{self.err}"
        return Ended(self.process.exitcode, self.out, self.err)


def _call(target: Callable[..., None], arguments: tuple[Any, ...], env: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    target(*arguments)


def _run_script(script: Path, arguments: tuple[str, ...], folder: Path) -> None:
    os.chdir(folder)
    for name, descriptor in [("out.txt", 1), ("err.txt", 2)]:
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, str(script.parent))
    runpy.run_path(str(script), run_name="__main__")
