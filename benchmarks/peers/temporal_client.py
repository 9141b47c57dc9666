"""The client of temporal_worker.py: starts workflows on the queue that the environment names."""

from durable_agents import connect, run

import os
from datetime import timedelta
from typing import Any

from temporalio.client import Client

from benchmarks.peers.agent import question
from benchmarks.peers.driver import drive


class WorkflowRunner:
    """Runs the agent as a workflow of the worker's queue."""

    def __init__(
        self, client: Client, *, task_timeout: float | None = None, eager: bool = False
    ) -> None:
        self._client = client
        self._options: dict[str, Any] = {
            "task_queue": os.environ["TASK_QUEUE"],
            "task_timeout": timedelta(seconds=task_timeout) if task_timeout else None,
            "request_eager_start": eager,
        }

    async def run(self, id: str) -> None:
        """Start the workflow, and wait for its result."""
        start = self._client.start_workflow
        handle = await start("Weather", question(id), id=id, **self._options)
        assert await handle.result()

    async def resume(self, id: str) -> bool:
        """Wait for the result of a workflow that was started before this process."""
        return bool(await self._client.get_workflow_handle(id).result())


async def main(task_timeout: float | None = None) -> None:
    """Serve requests. A workflow task lost in a crash is rescheduled after TASK_TIMEOUT seconds."""
    await drive(WorkflowRunner(await connect(), task_timeout=task_timeout).run)


if __name__ == "__main__":
    run(main)
