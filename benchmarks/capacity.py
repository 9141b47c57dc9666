"""Measures what workers need: memory and CPU by conversation, by turn, and by pending model call.

    uv run benchmarks/capacity.py memory
    uv run benchmarks/capacity.py pending
    uv run benchmarks/capacity.py workers

Linux only: memory (resident set size) and CPU time are those of the worker process, from /proc.
docs/scaling.md explains how to use the figures.
"""

from durable_agents import connect, query_if_available, run

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from benchmarks.server import dev_server
from conversations.workflows.chat import ChatWorkflow
from customer_service.models import ProcessUserMessageInput
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from sample_cli.processes import Background, CommandError, until
from sample_cli.session import model_environment

TEXT = ("I would like to know whether my flight to Oslo is on time. " * 9)[:500]
AT_ONCE = 32  # requests in flight, below the number of activity slots
WARM_UP = 20  # conversations
PENDING = (100, 500)  # model calls
COLLECTION = 2.0  # seconds
OBSERVED = 10.0  # seconds
HEARTBEATS = (8.0, 0.5)  # seconds; durable_agents' is 0.5
ROUNDS = 5


@dataclass(frozen=True)
class Application:
    """A kind of conversation. Its workflow runs on any queue of capacity_worker.py."""

    workflow: Any
    message: Any
    history: Any

    def argument(self, turn: int) -> object:
        """Return the message of a turn, counted from 0."""
        if self.workflow is ChatWorkflow:
            return TEXT
        return ProcessUserMessageInput(user_input=TEXT, chat_length=2 * turn)


APPLICATIONS = {
    "customer_service": Application(
        CustomerServiceWorkflow,
        CustomerServiceWorkflow.process_user_message,
        CustomerServiceWorkflow.get_chat_history,
    ),
    "conversations/chat": Application(ChatWorkflow, ChatWorkflow.ask, ChatWorkflow.history),
}


CHAT = APPLICATIONS["conversations/chat"]


class Conversations:
    """Conversations of one application on one queue; `held` counts the turns of each."""

    def __init__(self, client: Client, application: Application, queue: str, count: int) -> None:
        self.held = 0
        self._client, self._application, self._queue = client, application, queue
        self._ids = [f"{queue}-{uuid4().hex}" for _ in range(count)]

    async def open(self) -> None:
        """Start the workflows, and wait until the worker has each of them in its cache."""
        start, queue = self._client.start_workflow, self._queue
        run = self._application.workflow.run
        await run_all(start(run, id=id, task_queue=queue) for id in self._ids)
        await self.query()

    async def query(self) -> None:
        """Query each conversation, which replays it unless it is cached."""

        async def is_answered(handle: WorkflowHandle[Any, Any]) -> bool:
            return await query_if_available(handle, self._application.history) is not None

        # The server may still wait for a worker that was killed.
        await run_all(until(partial(is_answered, handle)) for handle in self.handles)

    async def turn(self, at_once: int = AT_ONCE) -> None:
        """Send a message to each, and wait for the answers."""
        argument, send = self._application.argument(self.held), self._application.message
        await run_all((each.execute_update(send, argument) for each in self.handles), at_once)
        self.held += 1

    async def turns(self, count: int) -> None:
        """Hold `count` turns with each."""
        for _ in range(count):
            await self.turn()

    @property
    def handles(self) -> list[WorkflowHandle[Any, Any]]:
        """The workflows."""
        return [self._client.get_workflow_handle(id) for id in self._ids]


async def run_all(work: Iterable[Coroutine[Any, Any, object]], at_once: int = AT_ONCE) -> None:
    """Await all of the work, `at_once` at a time."""
    left = iter(work)

    async def some() -> None:
        for one in left:
            await one

    await asyncio.gather(*(some() for _ in range(at_once)))


class Measured:
    """A process whose memory and CPU time are measured."""

    def __init__(self, process: Background) -> None:
        self.process = process

    @property
    def memory(self) -> float:
        """The resident memory, in KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        return float(line.split()[1])

    async def collected_memory(self) -> float:
        """Return the memory of a worker, in KiB, after a garbage collection."""
        os.kill(self.process.pid, signal.SIGUSR1)
        await asyncio.sleep(COLLECTION)
        return self.memory

    @property
    def cpu(self) -> float:
        """The CPU time so far, in seconds."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def cpu_of(processes: Sequence[Measured]) -> Callable[[], list[float]]:
    """Return a function that returns the CPU time of each process since this call."""
    before = [each.cpu for each in processes]
    return lambda: [each.cpu - then for each, then in zip(processes, before, strict=True)]


@dataclass
class Machine:
    """A Temporal server in memory, and the workers that were started on it."""

    server: Measured
    client: Client
    _logs: Path
    _stack: AsyncExitStack

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator["Machine"]:
        """Run the server for the duration of the block; kill all processes after it."""
        async with AsyncExitStack() as stack:
            logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            server = Measured(await stack.enter_async_context(dev_server()))
            yield cls(server, await connect(), logs, stack)

    async def worker(self, queue: str, *options: str) -> Measured:
        """Start a worker, and wait until it has connected."""
        command = [sys.executable, "-m", "benchmarks.capacity_worker", queue, *options]
        log = self._logs / f"worker-{uuid4().hex}.log"
        process = await Background.start("worker", command, os.environ, log)
        self._stack.push_async_callback(process.kill)
        if not await process.wait_for_output(lambda output: "Ctrl-C" in output):
            raise CommandError(f"The worker exited:\n{process.tail()}")
        return Measured(process)


async def memory(conversations: int, turns: Sequence[int]) -> None:
    """Print memory by conversation, and CPU by turn and by replay."""
    for name, application in APPLICATIONS.items():
        async with Machine.running() as machine:
            worker = await machine.worker("one")
            imported = await worker.collected_memory()
            warm_up = Conversations(machine.client, application, "one", WARM_UP)
            await warm_up.open()
            await warm_up.turns(3)
            chats = Conversations(machine.client, application, "one", conversations)
            base = await worker.collected_memory()
            await chats.open()
            opened = await worker.collected_memory() - base
            print(f"{name}: worker {imported / 1024:.0f} MiB idle, {base / 1024:.0f} warm")
            print(f"  unused: {opened / conversations:.0f} KiB each", flush=True)
            for total in turns:
                made = (total - chats.held) * conversations
                costs = cpu_of([worker, machine.server])
                await chats.turns(total - chats.held)
                used = [1000 * cost / made for cost in costs()]
                size = (await worker.collected_memory() - base) / conversations
                print(
                    f"  after {total} turns: {size:.0f} KiB each; CPU of a turn: worker "
                    f"{used[0]:.1f} ms, server {used[1]:.1f} ms",
                    flush=True,
                )
            await worker.process.kill()
            other = await machine.worker("one")
            costs, base = cpu_of([other]), await other.collected_memory()
            await chats.query()
            replay, size = 1000 * sum(costs()), await other.collected_memory() - base
            print(
                f"  replayed by another worker: CPU {replay / conversations:.0f} ms each, "
                f"{size / conversations:.0f} KiB each",
                flush=True,
            )


async def pending(counts: Sequence[int], seconds: float) -> None:
    """Print what pending model calls cost, by the time between two heartbeats."""
    held: list[asyncio.StreamWriter] = []

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)  # and never answer

    model = await asyncio.start_server(hold, "127.0.0.1", 0)
    os.environ |= model_environment(f"http://127.0.0.1:{model.sockets[0].getsockname()[1]}/v1")
    async with model:
        for heartbeat in HEARTBEATS:
            held.clear()
            print(f"a heartbeat every {heartbeat:g} s:", flush=True)
            await _pending(counts, seconds, heartbeat, held)


async def _pending(
    counts: Sequence[int], seconds: float, heartbeat: float, held: list[asyncio.StreamWriter]
) -> None:
    async def all_pending() -> bool:
        return len(held) >= count or any(each.done() for each in messages)

    async with Machine.running() as machine:
        options = ("--http", "--slots", str(max(counts)), "--heartbeat", str(heartbeat))
        worker = await machine.worker("calls", *options)
        base, messages = worker.memory, set[asyncio.Task[None]]()
        for count in counts:
            chats = Conversations(machine.client, CHAT, "calls", count - len(held))
            await chats.open()
            messages.add(asyncio.create_task(chats.turn(at_once=count)))
            await until(all_pending)
            for each in messages:
                if each.done():
                    await each  # raises its error
            costs, started = cpu_of([worker, machine.server]), time.monotonic()
            await asyncio.sleep(seconds)
            took = time.monotonic() - started
            here, there = (100 * cost / took for cost in costs())
            size = (worker.memory - base) / count
            print(
                f"  {count} model calls pending: {size:.0f} KiB each with its conversation; CPU: "
                f"worker {here:.0f}%, server {there:.0f}% of a core",
                flush=True,
            )
        for each in messages:
            each.cancel()
        await asyncio.gather(*messages, return_exceptions=True)


async def workers(conversations: int, rounds: int, latencies: Sequence[float]) -> None:
    """Print messages per second with two workers, relative to one."""
    for latency in latencies:
        async with Machine.running() as machine:
            option = ("--latency", str(latency))
            serving = {1: [await machine.worker("1", *option)]}
            serving[2] = [await machine.worker("2", *option) for _ in range(2)]
            found: dict[int, list[tuple[float, ...]]] = {1: [], 2: []}
            for _ in range(rounds + 1):  # the first one warms up
                for count in found:
                    chats = Conversations(machine.client, CHAT, str(count), conversations)
                    await chats.open()
                    costs, started = cpu_of([*serving[count], machine.server]), time.monotonic()
                    await chats.turns(2)
                    made, took = 2 * conversations, time.monotonic() - started
                    *here, there = (1000 * cost / made for cost in costs())
                    found[count].append((made / took, sum(here), there))
            ratio = [two[0] / one[0] for one, two in zip(found[1][1:], found[2][1:], strict=True)]
            print(
                f"model answers after {1000 * latency:.0f} ms: two workers answer "
                f"{statistics.median(ratio):.2f} times as many messages as one",
                flush=True,
            )
            for count, rows in found.items():
                rate, here, there = map(statistics.median, zip(*rows[1:], strict=True))
                print(
                    f"  {count}: {rate:.0f} messages/s, CPU of a message: worker {here:.1f} ms, "
                    f"server {there:.1f} ms",
                    flush=True,
                )


Part = Literal["all", "memory", "pending", "workers"]


async def main(part: Part = "all", *, conversations: int = 60, brief: bool = False) -> None:
    """Measure PART: memory, pending (model calls), workers, or all of them.

    With --brief, measure little: it shows that the benchmark works, and gives no useful figures.
    """
    if part in ("memory", "all"):
        await memory(conversations, (1, 2) if brief else (3, 20))
    if part in ("pending", "all"):
        await pending(*((3, 5), 0.5) if brief else (PENDING, OBSERVED))
    if part in ("workers", "all"):
        await workers(conversations, *(1, (0,)) if brief else (ROUNDS, (0, 0.05)))


if __name__ == "__main__":
    run(main)
