"""Run the worker of this topic: its lead, its fleet, and their sub-agents."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from sub_agents import TASK_QUEUE
from sub_agents.activities.cities import look_up_city
from sub_agents.workflows.delegation import DelegationWorkflow, ResearchAgent
from sub_agents.workflows.fleet import FleetWorkflow, TicketAgent


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[DelegationWorkflow, FleetWorkflow, ResearchAgent, TicketAgent],
        activities=[look_up_city],
        graceful_shutdown_timeout=timedelta(seconds=10),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
