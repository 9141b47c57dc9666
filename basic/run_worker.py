"""The worker of this topic: runs its workflows, their model calls, and their activities."""

from durable_agents import connect, run, serve

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from basic import TASK_QUEUE
from basic.activities.image import load_image
from basic.activities.weather import get_weather
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
    """Return the worker; tests build the same one on a client of their own."""
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
        # `get_weather` blocks (it reads a file), so it runs on a thread, not on the event loop.
        activity_executor=ThreadPoolExecutor(max_workers=100),
        max_concurrent_activities=100,
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
