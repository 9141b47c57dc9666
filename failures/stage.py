"""What a version of a failure runs on: a model, a client, and a worker.

The naive version gets what the plugin's documentation shows: the plain plugin and the defaults of
`Client` and `Worker`. The durable one gets `connect()`.
"""

from durable_agents import connect, root_cause

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.envconfig import ClientConfig
from temporalio.openai_agents import OpenAIAgentsPlugin
from temporalio.worker import Worker

from offline_model.server import OfflineModel

Version = Literal["naive", "durable"]
Handle = WorkflowHandle[Any, Any]

HANG_TIMEOUT = 6.0
"""A run that is expected to hang counts as hanging if it is still open after this many seconds."""
CLOSE_TIMEOUT = 60.0
"""The same for other runs. They usually close within seconds, later on a busy machine."""
STILL_RUNNING = "still running"

ROOT = Path(__file__).parents[1]


async def connect_plainly(**options: Any) -> Client:
    """Connect as the plugin's documentation shows; `options` are those of the plugin."""
    settings = ClientConfig.load_client_connect_config()
    return await Client.connect(**settings, plugins=[OpenAIAgentsPlugin(**options)])


@dataclass
class Stage:
    """What a version of a failure runs on.

    Attributes:
        name: The failure, as in `failures/workflows/NAME.py`.
        version: Which of its two workflows runs.
        workflow: The class of that workflow.
        activities: The activities of its worker, in addition to model calls.
        model: The offline model. `faults` sets how it misbehaves, `calls` lists its requests.
        client: The client of this version.
    """

    name: str
    version: Version
    workflow: type
    activities: Sequence[Callable[..., Any]]
    model: OfflineModel
    client: Client

    @property
    def durable(self) -> bool:
        """Whether this is the durable version."""
        return self.version == "durable"

    @property
    def task_queue(self) -> str:
        """The queue of this version's worker."""
        return f"failures-{self.name}-{self.version}"

    def worker(self, **options: Any) -> Worker:
        """Return a worker of this version, to run in this process as `async with`.

        A static method `worker_options()` of the workflow's class overrides the defaults.
        """
        defaults = {
            "task_queue": self.task_queue,
            "workflows": [self.workflow],
            "activities": self.activities,
        }
        own: dict[str, Any] = getattr(self.workflow, "worker_options", dict)()
        return Worker(self.client, **{**defaults, **own, **options})

    @asynccontextmanager
    async def worker_process(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run a worker in its own process, which a failure can kill, for the block."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "failures.serve", self.name, self.version),
            cwd=ROOT,
            env={**os.environ, "OPENAI_BASE_URL": self.model.base_url},
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout
            await process.stdout.readline()  # it prints a line once it polls
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def start(self, *arguments: object, **options: Any) -> Handle:
        """Start the workflow of this version."""
        return await self.client.start_workflow(
            self.workflow.__name__,
            args=arguments,
            id=f"{self.name}-{self.version}-{uuid4().hex[:6]}",
            task_queue=self.task_queue,
            **options,
        )

    @property
    def hangs(self) -> bool:
        """Whether the failure is that a run of this version does not close."""
        return not self.durable and STILL_RUNNING in sys.modules[self.workflow.__module__].NAIVE

    async def outcome(self, handle: Handle) -> str:
        """Return in one line how a run closed, or what blocks it after the timeout."""
        within = HANG_TIMEOUT if self.hangs else CLOSE_TIMEOUT
        try:
            async with asyncio.timeout(within):
                answer = await handle.result()
                return f"completed: {answer or repr(answer)}"
        except TimeoutError:
            return f"{STILL_RUNNING} after {within:g} s: {await self.blocker(handle)}"
        except WorkflowFailureError as error:
            return f"failed: {root_cause(error)}"

    async def blocker(self, handle: Handle) -> str:
        """Return what blocks a run: a failing workflow task, or pending activities."""
        description = (await handle.describe()).raw_description
        if description.pending_workflow_task.attempt > 1:
            error = await task_error(handle)
            return f"its workflow task fails again and again, with {error}"
        waits = [
            f"{each.activity_type.name} is in attempt {each.attempt}"
            + f" of {each.maximum_attempts or 'unlimited'}"
            + (f", {_failure(each.last_failure)}" if each.HasField("last_failure") else "")
            for each in description.pending_activities
        ]
        return "; ".join(waits) or "nothing is pending"


async def task_error(handle: Handle) -> str:
    """Return the error of a run's first failed workflow task; an empty string if none failed."""
    async for event in handle.fetch_history_events():
        if event.HasField("workflow_task_failed_event_attributes"):
            return _failure(event.workflow_task_failed_event_attributes.failure)
    return ""


def _failure(failure: Any) -> str:
    while failure.HasField("cause"):
        failure = failure.cause
    text = f"{failure.application_failure_info.type}: {failure.message}".strip(": ")
    return " ".join(text.split())


async def open_stage(
    name: str,
    version: Version,
    workflow: type,
    activities: Sequence[Any],
    model: OfflineModel | None = None,
) -> Stage:
    """Return a stage with a client of its own.

    A static method `plugin_options()` of the workflow's class returns options of the plugin.
    """
    options: dict[str, Any] = getattr(workflow, "plugin_options", dict)()
    client = await (connect(**options) if version == "durable" else connect_plainly(**options))
    return Stage(name, version, workflow, activities, model or OfflineModel(), client)
