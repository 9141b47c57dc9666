"""Run the worker: workflows, model calls, and activities."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from my_agent import TASK_QUEUE
from my_agent.activities import get_time
from my_agent.workflow import AgentWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[AgentWorkflow],
        activities=[get_time],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
