"""Runs a system's processes and measures them."""

import asyncio
import os
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from benchmarks.peers.client import Client, Killed
from benchmarks.peers.model_server import CALLS, ModelServer
from benchmarks.peers.servers import Server
from benchmarks.peers.systems import System
from benchmarks.peers.usage import Usage, tree, usage
from sample_cli.processes import Background

LATENCY = 0.05  # seconds before each of the model's answers, except where runs are sequential
AT_ONCE = 64
CRASH_TIMEOUT = 120.0  # seconds
SETTLING = 0.3  # seconds between two measurements
RESUMING = 4  # runs after a stop, in which polls and connections that have timed out are renewed


@dataclass(frozen=True)
class Size:
    """How many runs each measurement makes."""

    sequential: int = 20
    concurrent: int = 128
    killed: int = 50


@dataclass(frozen=True)
class Round:
    """What a system used, each but the rate for one run.

    Attributes:
        latency: Milliseconds, the median of sequential runs with an instant model.
        rate: Runs per second, 64 at once, with a model that takes 50 ms.
        worker_cpu: Milliseconds of the worker during those.
        server_cpu: Milliseconds of the server.
        written: KiB that worker and server sent to storage.
    """

    latency: float
    rate: float
    worker_cpu: float
    server_cpu: float
    written: float


@dataclass(frozen=True)
class Crash:
    """What followed after the worker was killed when half of the runs had all their answers.

    Attributes:
        seconds: From the start of a new worker to the last answer.
        lost: Runs that never finished.
        repeated: Model calls beyond those that the runs need.
    """

    seconds: float
    lost: int
    repeated: int


class Running:
    """A system whose processes have started. They are stopped while other systems are measured.

    Idle servers and workers would take time from the others: they poll, and check timers.
    """

    def __init__(self, system: System, server: Server, model: ModelServer, folder: Path) -> None:
        self.system = system
        self._server, self._model, self._folder = server, model, folder
        own = {"TASK_QUEUE": system.id, "OPENAI_BASE_URL": model.base_url, "NO_PROXY": "127.0.0.1"}
        self._env = {**os.environ, "OPENAI_API_KEY": "none", **own, **server.env}
        self._worker: Background | Client
        self._client: Client

    @classmethod
    @asynccontextmanager
    async def started(
        cls, system: System, server: Server, model: ModelServer, folder: Path
    ) -> AsyncIterator["Running"]:
        """Run the worker and the client for the duration of the block."""
        running = cls(system, server, model, folder)
        async with AsyncExitStack() as stack:
            await running._start_worker()
            stack.push_async_callback(lambda: running._worker.kill())
            if system.client:
                running._client = await running._start(*system.client)
                stack.push_async_callback(running._client.kill)
            running._signal(signal.SIGSTOP)
            stack.callback(running._signal, signal.SIGCONT)  # a stopped server does not shut down
            yield running

    async def warm_up(self, size: Size) -> None:
        """Fill caches and connection pools."""
        async with self.resumed():
            await self._client.run(_ids(min(size.concurrent, AT_ONCE)), AT_ONCE)

    @asynccontextmanager
    async def resumed(self) -> AsyncIterator[None]:
        """Let the processes run during the block, at first with an instant model."""
        self._signal(signal.SIGCONT)
        self._model.latency = 0.0
        await self._client.run(_ids(RESUMING))
        yield
        self._signal(signal.SIGSTOP)

    async def round(self, size: Size) -> Round:
        """Measure latency, throughput, and what they use."""
        async with self.resumed():
            return await self._round(size)

    async def crash(self, size: Size) -> Crash:
        """Kill the worker when half of the runs have all their answers, and start another.

        Raises:
            TimeoutError: The runs were not done within `CRASH_TIMEOUT`.
        """
        async with self.resumed():
            return await self._crash(size)

    async def _round(self, size: Size) -> Round:
        runs = _ids(size.sequential)
        await asyncio.sleep(SETTLING)
        await self._client.run(runs)
        latency = statistics.median(self._client.finished[run] for run in runs)
        self._model.latency = LATENCY
        await asyncio.sleep(SETTLING)
        before, count = self._usage(), size.concurrent
        seconds = await self._client.run(_ids(count), AT_ONCE)
        used = [now - then for now, then in zip(self._usage(), before, strict=True)]
        worker_cpu, server_cpu = (1000 * each.cpu / count for each in used)
        written = sum(each.written for each in used) / 1024 / count
        return Round(1000 * latency, count / seconds, worker_cpu, server_cpu, written)

    async def _crash(self, size: Size) -> Crash:
        self._model.latency = LATENCY
        runs = self._model.together = _ids(size.killed)  # the system has accepted all of them
        client = self._client
        running = asyncio.create_task(client.run(runs, at_once=len(runs)))
        await self._model.until_complete(runs, len(runs) // 2)
        await self._worker.kill()
        started = time.perf_counter()
        async with asyncio.timeout(CRASH_TIMEOUT):
            await self._start_worker()
            with suppress(Killed):
                await running
            if client is not self._client:  # it was the worker
                left = [run for run in runs if run not in client.finished]
                await self._client.run(left, len(left), resume=True)
        seconds = time.perf_counter() - started
        lost = len({*runs} - {*client.finished, *self._client.finished})
        made = sum(self._model.received[run] for run in runs)
        return Crash(seconds, lost, made - CALLS * len(runs))

    def _signal(self, number: signal.Signals) -> None:
        for root in filter(None, {self._client.pid, self._worker.pid, self._server.pid}):
            for pid in list(tree(root)):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    def _usage(self) -> tuple[Usage, Usage]:
        return usage(self._worker.pid), usage(self._server.pid)

    async def _start(self, module: str, *arguments: str) -> Client:
        name = f"benchmarks.peers.{module}"
        log = self._folder / f"{self.system.id}-{module}.log"
        return await Client.start(name, arguments, self._env, log)

    async def _start_worker(self) -> None:
        module, *arguments = self.system.worker
        if self.system.client:
            command = [sys.executable, "-m", f"benchmarks.peers.{module}", *arguments]
            log = self._folder / f"{self.system.id}-{module}-{uuid4().hex}.log"
            worker = await Background.start(self.system.name, command, self._env, log)
            self._worker = worker
            if not await worker.wait_for_output(bool):  # printed once it has connected
                raise RuntimeError(f"{worker.name} exited:\n{worker.tail()}")
        else:
            self._worker = self._client = await self._start(module, *arguments)


def _ids(count: int) -> list[str]:
    return [uuid4().hex for _ in range(count)]
