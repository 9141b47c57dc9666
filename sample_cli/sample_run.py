"""`sample run`: the starter in the terminal, its worker behind it, and afterwards the timeline."""

import asyncio
import contextlib
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from sample_cli.catalog import Sample
from sample_cli.history_timeline import RUNNING, Run, runs
from sample_cli.processes import Background, Failed, background, foreground
from sample_cli.session import Session, Settings, session, while_alive
from sample_cli.temporal_server import pollers, wait_for_worker


@dataclass
class Play:
    """A sample whose worker and starter run."""

    sample: Sample
    session: Session
    worker: Background
    starter: asyncio.subprocess.Process
    query: str
    _command: Sequence[str]
    _env: Mapping[str, str]
    _stack: contextlib.AsyncExitStack
    earlier_calls: int = 0
    _earlier: frozenset[str] = frozenset()

    async def ended(self) -> int:
        """Wait for the starter; return its exit code as a shell has it."""
        code = await while_alive(self.starter.wait(), self.worker)
        return 128 - code if code < 0 else code

    async def runs(self) -> list[Run]:
        """Return the workflow runs that the starter caused."""
        found = await runs(await self.session.server.client(), self.query)
        return [run for run in found if run.run_id not in self._earlier]

    async def start_again(self) -> None:
        """Run the starter again; runs that are closed, and their model calls, no longer count."""
        closed = [run for run in await self.runs() if run.status != RUNNING]
        self._earlier |= {run.run_id for run in closed}
        self.earlier_calls += sum(row.attempts for run in closed for row in run.calls("model"))
        self.starter = await self._stack.enter_async_context(foreground(self._command, self._env))

    def told(self) -> Iterator[str]:
        """Yield what its workers have told of runs: the line that begins so, and those below it."""
        begin, shown = self.sample.worker_output_prefix, False
        for log in self.session.worker_logs if begin else []:
            for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
                shown = line.startswith(begin) or (shown and line.startswith(" "))
                if shown:
                    yield line

    async def new_worker(self) -> None:
        """Start another worker, and wait until it polls."""
        server, queue = self.session.server, self.sample.task_queue
        known = await pollers(server, queue)
        self.worker = await self._stack.enter_async_context(self.session.worker(self.sample))
        await while_alive(wait_for_worker(server, queue, known), self.worker)


def say(line: str) -> None:
    """Tell the person at the terminal; standard output is the starter's and the timeline's."""
    typer.secho(line, err=True, dim=True)


@contextlib.asynccontextmanager
async def played(
    sample: Sample, arguments: Sequence[str], settings: Settings
) -> AsyncIterator[Play]:
    """Run a sample's worker and starter."""
    say(model_line(settings))
    async with session(settings) as here, contextlib.AsyncExitStack() as stack:
        await refuse_served(here, sample)
        query = "" if here.server.own else _since_now(sample)
        worker = await stack.enter_async_context(here.worker(sample))
        if not sample.starter.name.endswith("_workflow.py"):
            # A chat or a service talks to a workflow at once. A starter that only starts one may
            # load while the worker does: the server keeps the work until someone polls.
            await while_alive(wait_for_worker(here.server, sample.task_queue, ()), worker)
        await while_alive(here.model(), worker)
        env = here.env
        if here.offline:
            env = env | await prepared(sample, env, here.logs)
        command = [sys.executable, str(sample.starter), *arguments]
        starter = await stack.enter_async_context(foreground(command, env))
        yield Play(sample, here, worker, starter, query, command, env, stack)


async def prepared(sample: Sample, env: Mapping[str, str], logs: Path) -> dict[str, str]:
    """Run the `setup_*.py` of the sample's topic that its starter names, if it names one.

    The offline model is new, so what that script uploads is not there yet. The script prints
    `export NAME=VALUE` for a shell; return that for the starter.
    """
    exported: dict[str, str] = {}
    for script in setup_scripts(sample):
        log = logs / f"{script.stem}.log"
        async with background(script.name, [sys.executable, script], env, log) as process:
            if code := await process.wait():
                raise Failed(f"{script.name} failed:\n{process.tail()}", code)
        exported |= exports(log.read_text(encoding="utf-8", errors="replace"))
    return exported


def setup_scripts(sample: Sample) -> list[Path]:
    """Return the scripts of the topic that must run before this sample: its starter names them."""
    starter = sample.starter.read_text(encoding="utf-8")
    scripts = sample.starter.parent.glob("setup_*.py")
    return [script for script in scripts if script.name in starter]


def exports(printed: str) -> dict[str, str]:
    """Return the variables that a script prints for a shell."""
    return dict(re.findall(r"^export (\w+)=(\S+)$", printed, re.MULTILINE))


async def refuse_served(here: Session, sample: Sample) -> None:
    """Fail when somebody's worker serves the queue: it would take the work, with its own code."""
    if not here.server.own and (known := await pollers(here.server, sample.task_queue)):
        raise Failed(
            f"{here.server.address} already has a worker on {sample.task_queue} "
            f"({', '.join(sorted(known))}). Stop it, or leave out --address.",
            2,
        )


def model_line(settings: Settings) -> str:
    """Return which model answers, in one line."""
    if settings.real_model:
        return "Model: the real one (OPENAI_API_KEY is set; --offline uses the stand-in)"
    reason = "--offline" if settings.offline else "OPENAI_API_KEY is not set"
    return f"Model: an offline stand-in ({reason})"


async def settled(play: Play, code: int) -> list[Run]:
    """Return the runs, waiting a moment for the server's list to know what just happened."""
    deadline = time.monotonic() + (1 if code == 0 else 0)
    while True:
        found = await play.runs()
        if found or time.monotonic() >= deadline:
            return found
        await asyncio.sleep(0.1)


def _since_now(sample: Sample) -> str:
    # The server's clock may be a little behind ours.
    since = datetime.now(UTC) - timedelta(seconds=2)
    return f"TaskQueue = '{sample.task_queue}' AND StartTime >= '{since.isoformat()}'"
