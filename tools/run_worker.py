"""Run the worker of this topic: workflows, model calls, and one activity."""

from durable_agents import connect, run, serve

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from tools import TASK_QUEUE
from tools.activities.knowledge_base import check_knowledge_base
from tools.workflows.code_interpreter import CodeInterpreterWorkflow
from tools.workflows.file_search import FileSearchWorkflow
from tools.workflows.image_generator import ImageGeneratorWorkflow
from tools.workflows.web_search import WebSearchWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[
            CodeInterpreterWorkflow,
            FileSearchWorkflow,
            ImageGeneratorWorkflow,
            WebSearchWorkflow,
        ],
        activities=[check_knowledge_base],
        # The activity blocks, so it runs on a thread instead of the event loop.
        activity_executor=ThreadPoolExecutor(max_workers=100),
        max_concurrent_activities=100,
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
