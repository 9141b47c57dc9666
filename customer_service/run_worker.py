"""The worker of this topic: runs conversations, model calls, lookups, and notifications."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from customer_service import TASK_QUEUE
from customer_service.activities.escalation import is_registered, send_notification
from customer_service.activities.faq import faq_lookup
from customer_service.workflows.customer_service import CustomerServiceWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker; tests build the same one on their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[CustomerServiceWorkflow],
        activities=[faq_lookup, is_registered, send_notification],
        max_concurrent_workflow_tasks=10,  # replays share a core, and each must end in time
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
