"""Run the worker of this topic. It has threads for sync activities, and the database."""

from durable_agents import connect, run, serve
from durable_agents.database import Database, DatabasePlugin

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from conversations import TASK_QUEUE
from conversations.activities.measurements import benchmark_hashing, get_load, watch_load
from conversations.activities.sessions import SessionActivities
from conversations.session_storage import DEFAULT_URL, SCHEMA
from conversations.workflows.chat import ChatWorkflow
from conversations.workflows.session import SessionWorkflow
from conversations.workflows.stop_and_steer import SteerableChatWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    database = Database.from_environment(DEFAULT_URL, SCHEMA)
    sessions = SessionActivities(database)
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[ChatWorkflow, SessionWorkflow, SteerableChatWorkflow],
        activities=[
            benchmark_hashing,
            get_load,
            watch_load,
            sessions.load_items,
            sessions.remove_items,
            sessions.store_items,
        ],
        plugins=[DatabasePlugin(database)],
        activity_executor=ThreadPoolExecutor(max_workers=100),
        max_concurrent_workflow_tasks=10,  # replays share a core, and each must end in time
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
