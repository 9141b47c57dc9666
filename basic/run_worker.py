"""Run the worker of this topic: workflows, model calls, and activities."""

from durable_agents import connect, run, serve

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from basic import TASK_QUEUE
from basic.activities import get_weather, load_image
from basic.workflows.agent_lifecycle import AgentLifecycleWorkflow
from basic.workflows.dynamic_system_prompt import DynamicSystemPromptWorkflow
from basic.workflows.hello_world import HelloWorldAgent
from basic.workflows.lifecycle import LifecycleWorkflow
from basic.workflows.local_image import LocalImageWorkflow
from basic.workflows.non_strict_output import NonStrictOutputWorkflow
from basic.workflows.previous_response_id import PreviousResponseIdWorkflow
from basic.workflows.remote_image import RemoteImageWorkflow
from basic.workflows.tools import ToolsWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[
            AgentLifecycleWorkflow,
            DynamicSystemPromptWorkflow,
            HelloWorldAgent,
            LifecycleWorkflow,
            LocalImageWorkflow,
            NonStrictOutputWorkflow,
            PreviousResponseIdWorkflow,
            RemoteImageWorkflow,
            ToolsWorkflow,
        ],
        activities=[get_weather, load_image],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
