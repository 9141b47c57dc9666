"""Measures what happens when a worker is killed and another one takes over its conversations.

    uv run benchmarks/takeover.py
    uv run benchmarks/takeover.py --tasks 8 --tasks 100

Every conversation has a message waiting when the new worker starts, so it replays all of them.
Linux only. docs/scaling.md explains how to use the figures.
"""

from durable_agents import run, update_reliably

import asyncio
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import uuid4

from temporalio import client
from temporalio.api.enums.v1 import EventType
from typer import Option

from benchmarks.capacity import APPLICATIONS, Conversations, Machine, Measured, cpu_of, run_all

APPLICATION = APPLICATIONS["customer_service"]
AT_ONCE = 64  # messages in flight
FAILED_TASKS = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED: "failed",
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT: "timed out",
}


@dataclass
class Takeover:
    """What the senders of messages saw: seconds until each answer, and errors."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """Return how many messages were answered, how soon, and the first errors."""
        median = statistics.median(self.seconds) if self.seconds else 0
        return (
            f"{len(self.seconds)} answered, the median after {median:.1f} s, the last after "
            f"{max(self.seconds, default=0):.1f} s; errors: {self.errors[:3] or 'none'}"
        )

    async def send(self, handle: client.WorkflowHandle[Any, Any], turn: int) -> None:
        """Send a message, and note when its answer comes."""
        started, argument = time.monotonic(), APPLICATION.argument(turn)
        try:
            await update_reliably(handle, APPLICATION.message, argument, id=uuid4().hex)
            self.seconds.append(time.monotonic() - started)
        except Exception as error:  # any error that reaches a sender counts
            self.errors.append(f"{type(error).__name__}: {error}")


async def take_over(
    machine: Machine, worker: Measured, count: int, turns: int, tasks: int
) -> Measured:
    """Kill a worker with open conversations, print how another one fares, and return that one."""
    chats = Conversations(machine.client, APPLICATION, "one", count)
    await chats.open()
    await chats.turns(turns)
    await worker.process.kill()
    found, started = Takeover(), time.monotonic()
    sending = asyncio.create_task(
        run_all((found.send(handle, turns) for handle in chats.handles), AT_ONCE)
    )
    other = await machine.worker("one", "--workflow-tasks", str(tasks))
    ready, costs = time.monotonic() - started, cpu_of([other])
    await sending
    took, [cpu] = time.monotonic() - started, costs()
    print(
        f"{count} conversations, {tasks} workflow tasks at once: {took:.1f} s, {ready:.1f} of "
        f"which until the worker polled; CPU {1000 * cpu / count:.0f} ms each; "
        f"workflow tasks: {await failed_tasks(chats)}; "
        f"deadlocks: {other.process.output.count('TMPRL1101')}; {found.summary()}",
        flush=True,
    )
    return other


async def failed_tasks(chats: Conversations) -> str:
    """Return how many workflow tasks failed or timed out; of several attempts, the first."""
    counts: Counter[str] = Counter()
    for handle in chats.handles:
        for event in (await handle.fetch_history()).events:
            if kind := FAILED_TASKS.get(event.event_type):
                counts[kind] += 1
    return ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "none failed"


async def main(
    *,
    conversations: int = 200,
    turns: int = 3,
    rounds: int = 3,
    tasks: Annotated[list[int] | None, Option(help="Workflow tasks at once; repeatable.")] = None,
) -> None:
    """Kill a worker with open CONVERSATIONS of TURNS, ROUNDS times for each limit of TASKS."""
    async with Machine.running() as machine:
        worker = await machine.worker("one")
        for _ in range(rounds):
            for limit in tasks or [10]:
                worker = await take_over(machine, worker, conversations, turns, limit)


if __name__ == "__main__":
    run(main)
