"""Run the worker of this topic. It holds the providers' clients, keys, and addresses."""

from durable_agents import connect, run, serve

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from model_providers import TASK_QUEUE
from model_providers.activities.diary import search_diary
from model_providers.providers import open_provider
from model_providers.workflows.gpt_oss import GptOssWorkflow
from model_providers.workflows.litellm_auto import LitellmAutoWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[GptOssWorkflow, LitellmAutoWorkflow],
        activities=[search_diary],
        # The activity blocks, so it runs on a thread instead of the event loop.
        activity_executor=ThreadPoolExecutor(max_workers=100),
        max_concurrent_activities=100,
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C."""
    async with open_provider() as provider:
        await serve(build_worker(await connect(model_provider=provider)))


if __name__ == "__main__":
    run(main)
