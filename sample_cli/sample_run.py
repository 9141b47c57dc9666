"""`sample run`: runs a sample's worker in the background and its starter in the terminal."""

import asyncio
import contextlib
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import typer

from sample_cli.catalog import Sample
from sample_cli.history_timeline import RUNNING, Run, runs
from sample_cli.processes import Background, CommandError, background, foreground
from sample_cli.session import Session, Settings, fail_if_worker_exits, session
from sample_cli.temporal_server import pollers, wait_for_worker

# A worker's banner; its last line mentions Ctrl-C.
WORKER_BANNER = re.compile(r"\A.*?Ctrl-C.*?(\n|\Z)", re.DOTALL)


@dataclass
class SampleRun:
    """A running sample: its workers and its starter. `query` finds its workflows."""

    sample: Sample
    session: Session
    workers: list[Background]
    starter: asyncio.subprocess.Process
    query: str
    _command: Sequence[str]
    _env: Mapping[str, str]
    _stack: contextlib.AsyncExitStack
    earlier_calls: int = 0
    _earlier_runs: frozenset[str] = frozenset()

    async def wait(self) -> int:
        """Wait for the starter to exit; return its exit code, as a shell would."""
        code = await fail_if_worker_exits(self.starter.wait(), *self.workers)
        return 128 - code if code < 0 else code

    async def runs(self) -> list[Run]:
        """Return the workflow runs that the starter caused."""
        client = await self.session.server.client()
        found = await runs(client, self.query, self.session.codec)
        return [run for run in found if run.run_id not in self._earlier_runs]

    async def wait_for_history(self, seconds: float = 1.0) -> list[Run]:
        """Return the runs; wait up to `seconds` until the server lists the first."""
        deadline = time.monotonic() + seconds
        while True:
            found = await self.runs()
            if found or time.monotonic() >= deadline:
                return found
            await asyncio.sleep(0.1)

    async def restart_starter(self) -> None:
        """Run the starter again; exclude closed runs and their model calls from the results."""
        closed = [run for run in await self.runs() if run.status != RUNNING]
        self._earlier_runs |= {run.run_id for run in closed}
        self.earlier_calls += sum(row.attempts for run in closed for row in run.calls("model"))
        self.starter = await self._stack.enter_async_context(foreground(self._command, self._env))

    async def kill_worker(self, identity: str) -> None:
        """Kill the worker with this identity, which starts with its process id.

        Raises:
            CommandError: It is not one of ours, so it would not be replaced.
        """
        pid, _, _ = identity.partition("@")
        worker = next((each for each in self.workers if pid == str(each.pid)), None)
        if not worker:
            raise CommandError("--crash cannot kill a worker that the sample itself started.", 2)
        self.workers.remove(worker)
        await worker.kill()

    async def replace_worker(self) -> None:
        """Start another worker, and wait until it polls."""
        server, queue = self.session.server, self.sample.task_queue
        known = await pollers(server, queue)
        self.workers.append(await self._stack.enter_async_context(self.session.worker(self.sample)))
        await fail_if_worker_exits(wait_for_worker(server, queue, known), *self.workers)

    def worker_output(self) -> Iterator[str]:
        """Yield the lines that the workers have printed after their banners."""
        for worker in self.session.workers:
            yield from WORKER_BANNER.sub("", worker.output).splitlines()


def say(line: str) -> None:
    """Print a status line to standard error; standard output has the results."""
    typer.secho(line, err=True, dim=True)


@contextlib.asynccontextmanager
async def run_sample(
    sample: Sample, arguments: Sequence[str], settings: Settings
) -> AsyncIterator[SampleRun]:
    """Run a sample's workers and starter for the duration of the block."""
    say(model_line(settings))
    command = [sys.executable, str(sample.starter), *arguments]
    scripts = [] if settings.real_model else setup_scripts(sample)
    # A chat or a service calls a workflow at once. A starter that only starts one can load while
    # the server and the worker do: the server keeps the task until a worker polls. Of several
    # workers, each is to get a share of the tasks.
    waits = not sample.starter.name.endswith("_workflow.py") or settings.workers > 1
    start = None if waits or scripts else partial(foreground, command)
    running = session(settings, [sample] * settings.workers, start)
    async with running as here, contextlib.AsyncExitStack() as stack:
        since = datetime.now(UTC) - timedelta(seconds=2)  # the server's clock may be behind
        ours = f"TaskQueue = '{sample.task_queue}' AND StartTime >= '{since.isoformat()}'"
        query = "" if here.server.own else ours
        if waits:
            polled = wait_for_worker(here.server, sample.task_queue, count=settings.workers)
            await fail_if_worker_exits(polled, *here.workers)
        env = here.env
        if scripts:
            await fail_if_worker_exits(here.model(), *here.workers)
            env = env | await run_setup(sample, env, here.logs)
        if not (starter := here.starter):
            starter = await stack.enter_async_context(foreground(command, env))
        await fail_if_worker_exits(here.model(), *here.workers)
        await here.server.client()  # imports what the timeline needs, while the sample starts
        yield SampleRun(sample, here, [*here.workers], starter, query, command, env, stack)


async def run_setup(sample: Sample, env: Mapping[str, str], logs: Path) -> dict[str, str]:
    """Run the setup scripts of a sample; return the variables that they export.

    The offline model starts without uploaded files, so scripts that upload run every time.
    """
    exported: dict[str, str] = {}
    for script in setup_scripts(sample):
        log = logs / f"{script.stem}.log"
        async with background(script.name, [sys.executable, script], env, log) as process:
            if code := await process.wait():
                raise CommandError(f"{script.name} failed:\n{process.tail()}", code)
        exported |= exports(process.output)
    return exported


def setup_scripts(sample: Sample) -> list[Path]:
    """Return the topic's `setup_*.py` scripts that the sample's starter mentions by name."""
    starter = sample.starter.read_text(encoding="utf-8")
    return [each for each in sample.starter.parent.glob("setup_*.py") if each.name in starter]


def exports(printed: str) -> dict[str, str]:
    """Return the variables of the `export NAME=VALUE` lines that a script prints."""
    return dict(re.findall(r"^export (\w+)=(\S+)$", printed, re.MULTILINE))


def model_line(settings: Settings) -> str:
    """Return which model is used, in one line."""
    if settings.real_model:
        name = "the server at OPENAI_BASE_URL" if os.environ.get("OPENAI_BASE_URL") else "OpenAI"
        return f"Model: {name} (OPENAI_API_KEY is set; --offline uses the offline model)"
    return f"Model: offline ({'--offline' if settings.offline else 'OPENAI_API_KEY is not set'})"
