"""Measures a fleet of sub-agents by the size of its window: items per second, and history.

    uv run benchmarks/fleets.py 500 --window 20

The model answers after 50 ms, in the worker's process.
"""

from durable_agents import connect, run

import asyncio
import time
from typing import Any
from uuid import uuid4

from agents import Model, ModelProvider, ModelResponse, Usage
from agents.testing import assistant_message
from temporalio.client import Client, WorkflowExecution

from benchmarks.server import dev_server
from sub_agents import TASK_QUEUE
from sub_agents.run_worker import build_worker
from sub_agents.workflows.fleet import FleetWorkflow
from tests.harness.models import UnstreamedModel

LATENCY = 0.05  # seconds


class SlowModel(ModelProvider, UnstreamedModel):
    """Answers each call after `LATENCY`."""

    def get_model(self, model_name: str | None) -> Model:
        """Return this model."""
        return self

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """Return a summary."""
        await asyncio.sleep(LATENCY)
        output = [assistant_message("The customer asks for a new lamp.")]
        return ModelResponse(output=output, usage=Usage(requests=1), response_id=None)


async def measure(items: int, window: int) -> str:
    """Run a fleet on the server at `TEMPORAL_ADDRESS`; return a line about it."""
    client = await connect(model_provider=SlowModel())
    async with build_worker(client):
        start, cpu, id = time.perf_counter(), time.process_time(), f"fleet-{uuid4().hex[:8]}"
        handle = await client.start_workflow(
            FleetWorkflow.run, args=[items, window, None], id=id, task_queue=TASK_QUEUE
        )
        report = await handle.result()
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    sizes = [
        await history_size(client, run)
        async for run in client.list_workflows(f"WorkflowId = '{id}'")
    ]
    return (
        f"{items} items, window {window}: {items / seconds:.1f} items/s, worker CPU "
        f"{1000 * cpu / items:.0f} ms per item, {report.runs} runs of up to {max(sizes):,} bytes"
    )


async def history_size(client: Client, execution: WorkflowExecution) -> int:
    """Return the size of a run's history, in bytes."""
    handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
    return (await handle.describe()).raw_description.workflow_execution_info.history_size_bytes


async def main(items: int = 500, *, window: int = 20) -> None:
    """Measure a fleet of ITEMS, with --window of them at a time."""
    async with dev_server():
        print(await measure(items, window))


if __name__ == "__main__":
    run(main)
