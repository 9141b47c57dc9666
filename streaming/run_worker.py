"""Run the worker of this topic: it runs chats, and publishes what its model streams."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from streaming import TASK_QUEUE
from streaming.streaming_model import open_provider as open_provider
from streaming.workflows.stream import StreamingChatWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[StreamingChatWorkflow],
        max_concurrent_workflow_tasks=10,  # replays share a core, and each must end in time
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    async with open_provider() as provider:
        await serve(build_worker(await connect(model_provider=provider)))


if __name__ == "__main__":
    run(main)
