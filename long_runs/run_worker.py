"""Run the workers of this topic: one for each technique."""

from durable_agents import connect, run, serve

from contextlib import AsyncExitStack
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from long_runs.activities import look_up_load, read_report
from long_runs.models import Technique
from long_runs.techniques import (
    DEFAULT,
    TECHNIQUES,
    connect_options,
    task_queue,
    worker_plugins,
)
from long_runs.workflows.continue_in_turn import ContinueInTurnWorkflow
from long_runs.workflows.long_turn import LongTurnWorkflow


def build_worker(client: Client, technique: Technique = DEFAULT) -> Worker:
    """Return the worker of a technique. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=task_queue(technique),
        workflows=[ContinueInTurnWorkflow, LongTurnWorkflow],
        activities=[look_up_load, read_report],
        plugins=worker_plugins(technique),
        graceful_shutdown_timeout=timedelta(seconds=10),
    )


async def main() -> None:
    """Run the workers until Ctrl-C."""
    async with AsyncExitStack() as stack:
        for technique in TECHNIQUES:
            if technique != DEFAULT:
                client = await connect(**connect_options(technique))
                await stack.enter_async_context(build_worker(client, technique))
        await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
