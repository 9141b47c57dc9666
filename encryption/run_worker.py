"""Run the worker of this topic: the workflow, model calls, and the activity."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from encryption import TASK_QUEUE
from encryption.activities import list_payments
from encryption.workflows.encrypted import EncryptedWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[EncryptedWorkflow],
        activities=[list_payments],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
