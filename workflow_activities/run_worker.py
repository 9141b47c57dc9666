"""The worker of this topic: its activities share a database, which it closes on shutdown."""

from durable_agents import connect, run, serve
from durable_agents.database import Database, DatabasePlugin

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from workflow_activities import TASK_QUEUE
from workflow_activities.activities.database import DatabaseActivities
from workflow_activities.activities.notifications import send_notification
from workflow_activities.storage import DEFAULT_URL, SCHEMA
from workflow_activities.workflows.conversation import ConversationWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker; tests build the same one on their own client."""
    database = Database.from_environment(DEFAULT_URL, SCHEMA)
    records = DatabaseActivities(database)
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[ConversationWorkflow],
        activities=[
            records.save_to_database,
            records.process_batch,
            records.generate_report,
            send_notification,
        ],
        plugins=[DatabasePlugin(database)],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C. Only the worker reads `DATABASE_URL` and `NOTIFY_URLS`."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
