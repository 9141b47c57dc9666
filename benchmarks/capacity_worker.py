"""The worker process that capacity.py measures. It runs two applications' conversations."""

from durable_agents import connect, run, serve

import asyncio
import gc
import signal
from datetime import timedelta
from typing import Any

from agents import Model, ModelProvider, ModelResponse, Usage
from agents.testing import assistant_message
from temporalio.worker import Worker

from conversations.workflows.chat import ChatWorkflow
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from tests.harness.models import UnstreamedModel

WORKFLOWS = [ChatWorkflow, CustomerServiceWorkflow]
MAX_CACHED = 100_000  # more than a benchmark opens, so it measures cached conversations
TEXT = ("We fly there twice a day, and your seat is by the window. " * 9)[:500]


class LocalModel(ModelProvider, UnstreamedModel):
    """Answers each call with `TEXT`, in the worker's process, after a delay in seconds."""

    def __init__(self, latency: float) -> None:
        self.latency = latency

    def get_model(self, model_name: str | None) -> Model:
        """Return this model."""
        return self

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """Return the text."""
        await asyncio.sleep(self.latency)
        usage = Usage(requests=1, input_tokens=1, output_tokens=1, total_tokens=2)
        return ModelResponse(output=[assistant_message(TEXT)], usage=usage, response_id=None)


def _collect(_number: int, _frame: object) -> None:
    gc.collect()


async def main(
    queue: str,
    *,
    latency: float = 0,
    slots: int = 100,
    heartbeat: float = 0.5,
    http: bool = False,
    workflow_tasks: int = 10,
) -> None:
    """Serve QUEUE with SLOTS activities at once, which heartbeat every HEARTBEAT seconds.

    The default of WORKFLOW_TASKS is that of the applications.

    SIGUSR1 collects Python's garbage, which can be a quarter of the objects.

    The model answers after LATENCY seconds; with --http it is the server at OPENAI_BASE_URL.
    """
    signal.signal(signal.SIGUSR1, _collect)
    client = await (connect() if http else connect(model_provider=LocalModel(latency)))
    worker = Worker(
        client,
        task_queue=queue,
        workflows=WORKFLOWS,
        max_concurrent_activities=slots,
        max_cached_workflows=MAX_CACHED,
        max_concurrent_workflow_tasks=workflow_tasks,
        max_heartbeat_throttle_interval=timedelta(seconds=heartbeat),
    )
    await serve(worker)


if __name__ == "__main__":
    run(main)
