"""Run the worker of this topic. It first checks that the search attribute is registered."""

from durable_agents import connect, run, serve
from durable_agents.search_attributes import require_search_attribute

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from human_in_the_loop import TASK_QUEUE
from human_in_the_loop.activities.ledger import refund, send_email
from human_in_the_loop.search_attribute import KEY
from human_in_the_loop.workflows.approvals import ApprovalsWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[ApprovalsWorkflow],
        activities=[refund, send_email],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    client = await connect()
    await require_search_attribute(client, KEY)
    await serve(build_worker(client))


if __name__ == "__main__":
    run(main)
