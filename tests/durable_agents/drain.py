"""A worker whose calls take as long as their prompt says, and record in calls.txt what they do.

Run by tests as a script: drain.py GRACE, in seconds.
"""

from durable_agents import connect, run, serve, shutdown

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from agents import Model, ModelProvider, ModelResponse, Usage
from agents.items import TResponseStreamEvent
from agents.testing import assistant_message
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from basic.workflows.hello_world import HelloWorldAgent

QUEUE = "test-drain"
CALLS = Path("calls.txt")
EXIT_TIMEOUT = 2.0  # instead of 5 s


def record(what: str) -> None:
    """Append what the current activity does."""
    info = activity.info()
    with CALLS.open("a", encoding="utf-8") as calls:
        calls.write(f"{what} {info.workflow_id} {info.attempt}\n")


class TimedModel(Model):
    """Answers after the number of seconds that the prompt is, and at once if it is retried."""

    async def get_response(
        self, system_instructions: str | None, input: Any, *_: Any, **__: Any
    ) -> ModelResponse:
        """Answer, and record it."""
        record("start")
        prompt = input if isinstance(input, str) else input[0]["content"]
        await asyncio.sleep(float(prompt) if activity.info().attempt == 1 else 0)
        record("answer")
        usage = Usage(requests=1, input_tokens=1, output_tokens=1, total_tokens=2)
        return ModelResponse([assistant_message("Done")], usage=usage, response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> AsyncIterator[TResponseStreamEvent]:
        """Never called."""
        raise NotImplementedError


class TimedModels(ModelProvider):
    """Provides the model."""

    def get_model(self, model_name: str | None) -> Model:
        """Return the model."""
        return TimedModel()


@activity.defn
def block_thread() -> None:
    """Block a thread in a call that cannot be cancelled."""
    record("start")
    time.sleep(600)


@activity.defn
async def block_event_loop() -> None:
    """Block the event loop, as a tool does that should be sync."""
    record("start")
    time.sleep(600)  # noqa: ASYNC251


@workflow.defn
class Blocked:
    """A workflow that runs one activity."""

    @workflow.run
    async def run(self, name: str) -> None:
        """Run the activity of that name."""
        await workflow.execute_activity(name, start_to_close_timeout=timedelta(minutes=10))


def build_worker(client: Client, threads: ThreadPoolExecutor, grace: float) -> Worker:
    """Return the worker."""
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[HelloWorldAgent, Blocked],
        activities=[block_thread, block_event_loop],
        activity_executor=threads,
        graceful_shutdown_timeout=timedelta(seconds=grace),
    )


async def main(grace: float) -> None:
    """Run the worker."""
    shutdown.EXIT_TIMEOUT = EXIT_TIMEOUT
    with ThreadPoolExecutor(4) as threads:
        await serve(build_worker(await connect(model_provider=TimedModels()), threads, grace))


if __name__ == "__main__":
    run(main)
