"""The worker of this topic: runs conversations, their model calls, and every tool."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from goal_agent import TASK_QUEUE
from goal_agent.activities.settings import look_up_settings
from goal_agent.activities.tool_calls import run_tool, validate_tool_call
from goal_agent.goals import GOALS, check_goals
from goal_agent.workflows.goal import AgentGoalWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker; tests build the same one on their own client.

    Raises:
        ValueError: A goal names a tool that is not in the toolbox.
    """
    check_goals(GOALS)
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[AgentGoalWorkflow],
        activities=[look_up_settings, validate_tool_call, run_tool],
        max_concurrent_workflow_tasks=10,  # replays share a core, and each must end in time
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
