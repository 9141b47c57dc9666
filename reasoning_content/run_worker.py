"""Run the worker of this topic: one workflow, and model calls over both APIs."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from reasoning_content import TASK_QUEUE
from reasoning_content.providers import open_provider
from reasoning_content.workflows.reasoning_content import ReasoningContentWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[ReasoningContentWorkflow],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    async with open_provider() as provider:
        await serve(build_worker(await connect(model_provider=provider)))


if __name__ == "__main__":
    run(main)
