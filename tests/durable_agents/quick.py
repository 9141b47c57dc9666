"""Activities, a workflow, and a worker for the tests of the fast profile."""

from durable_agents import connect
from durable_agents.fast import fast

import asyncio
import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

QUEUE = "test-fast"
RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=3)


@dataclass
class Calls:
    """The calls that a run makes, one after another or together.

    In a race, it makes another call whenever one returns before the others.
    """

    activity: str
    arguments: list[Any] = field(default_factory=list)
    together: bool = False
    race: bool = False
    task_queue: str | None = None
    timeout: float = 30  # seconds


@dataclass
class Activities:
    """Record their calls.

    Attributes:
        log: A file to which each call of `note` appends a line.
        stop_at: The call of `note` that does not return.
    """

    log: Path = Path(os.devnull)
    stop_at: int = 0
    attempts: int = 0
    started: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    @activity.defn
    async def give(self, size: int) -> str:
        """Return a text of `size` characters."""
        return "x" * size

    @activity.defn
    async def take(self, size: int, text: str = "") -> int:
        """Return the length of an input."""
        return len(text)

    @activity.defn
    async def unsure(self, delay: float) -> None:
        """Fail once, and request the next attempt in `delay` seconds."""
        self.attempts += 1
        if self.attempts == 1:
            raise ApplicationError("not yet", next_retry_delay=timedelta(seconds=delay))

    @activity.defn
    async def pause(self, seconds: float) -> None:
        """Wait for a while."""
        await asyncio.sleep(seconds)

    @activity.defn
    async def wait(self, number: int) -> None:
        """Wait until it is cancelled."""
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    @activity.defn
    async def outlast(self, seconds: float) -> None:
        """Return some time after the worker has been asked to stop."""
        self.started.set()
        await activity.wait_for_worker_shutdown()
        await asyncio.sleep(seconds)

    @activity.defn
    async def note(self, number: int) -> None:
        """Write down the number of the call."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{number}\n")
        if number == self.stop_at:
            await asyncio.Event().wait()

    def build_worker(self, client: Client) -> Worker:
        """Return a worker with these activities."""
        return Worker(
            client,
            task_queue=QUEUE,
            workflows=[Caller],
            activities=[
                *(self.give, self.take, self.unsure, self.pause),
                *(self.wait, self.outlast, self.note),
            ],
        )


@workflow.defn
class Caller:
    """Calls an activity, once for each argument."""

    @workflow.run
    async def run(self, calls: Calls) -> int:
        """Return the number of calls."""
        started = []
        for argument in calls.arguments:
            arguments = [argument, "x" * argument] if calls.activity == "take" else [argument]
            started.append(self.start(calls, calls.activity, arguments))
            if not calls.together:
                await started[-1]
        pending = started if calls.race else []
        while pending:
            _, pending = await workflow.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            if pending:
                await self.start(calls, "give", [1])
        return len(await asyncio.gather(*started))

    @workflow.query
    def is_sandboxed(self) -> bool:
        """Return whether the workflow runs in the sandbox."""
        return workflow.unsafe.in_sandbox()

    def start(self, calls: Calls, name: str, arguments: list[Any]) -> workflow.ActivityHandle[Any]:
        """Start an activity."""
        return workflow.start_activity(
            name,
            args=arguments,
            task_queue=calls.task_queue,
            start_to_close_timeout=timedelta(seconds=calls.timeout),
            retry_policy=RETRIES,
        )


def serve(log: Path, stop_at: int) -> None:
    """Run a worker with the fast profile until its process is killed."""
    asyncio.run(_serve(Activities(log, stop_at)))


async def _serve(activities: Activities) -> None:
    await activities.build_worker(await connect(register_activities=False, **fast())).run()
