"""Workers in forked processes, to be killed: they have short timeouts, and halt at breakpoints."""

from durable_agents.plugin import DurabilityPlugin

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from datetime import timedelta
from inspect import iscoroutinefunction
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, NamedTuple

from agents import set_trace_processors
from temporalio import activity
from temporalio.client import Client
from temporalio.openai_agents import OpenAIAgentsPlugin
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    StartActivityInput,
    WorkerConfig,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

from tests.harness.processes import ForkedProcess, forks
from tests.harness.starters import MODEL_CALL, plugin_options, provider_of, worker_of
from tests.harness.workers import model_params

MAX_WAIT = timedelta(seconds=2)
"""Heartbeat timeout of activities that have none, and twice the sticky queue timeout."""


class Breakpoint(NamedTuple):
    """The point at which every workflow halts: before or after its n-th activity.

    After means that the activity is done, but its result is not reported. With `model_calls`, only
    model calls are counted.
    """

    number: int
    when: str
    model_calls: bool = False


class ForkedWorker(ForkedProcess):
    """A topic's own worker in a forked process, with short timeouts.

    Args:
        topic: The topic.
        halt: The point at which its workflows halt, if they do.
    """

    def __init__(self, topic: str, halt: Breakpoint | None = None) -> None:
        self._connection, other_end = forks.Pipe()
        # It may shut down, so that the server knows that it is gone.
        super().__init__(_serve, topic, halt, other_end, shutdown_timeout=5)
        self.identity = f"{self.process.pid}@{socket.gethostname()}"
        """The identity that the server knows it by."""
        other_end.close()
        self._halted: set[str] = set()

    @property
    def halted(self) -> set[str]:
        """The ids of the workflows that have halted."""
        while self._connection.poll():
            self._halted.add(self._connection.recv())
        return self._halted

    def resume(self) -> None:
        """Let workflows that have halted continue; none halts afterwards."""
        self._connection.send("resume")

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Shut the worker down."""
        super().__exit__(exc_type, exc, traceback)
        self._connection.close()


def _serve(topic: str, halt: Breakpoint | None, connection: Connection) -> None:
    asyncio.run(_run(topic, _Halting(halt, connection)))


async def _run(topic: str, halting: "_Halting") -> None:
    set_trace_processors([])  # as connect() does if the model is not OpenAI's
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with provider_of(topic) as provider:
        options = {**plugin_options(topic), "model_provider": provider}
        agents = OpenAIAgentsPlugin(**{**options, "model_params": model_params(12)})
        plugins = [agents, DurabilityPlugin(), _ShortWaits("short-waits", interceptors=[halting])]
        client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], plugins=plugins)
        async with worker_of(topic, client):
            await stop.wait()


class _ShortWaits(SimplePlugin):
    """Shortens the time for which the server keeps workflow tasks for this worker."""

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        config = super().configure_worker(config)
        config["sticky_queue_schedule_to_start_timeout"] = MAX_WAIT / 2
        return config


class _Halting(Interceptor):
    def __init__(self, halt: Breakpoint | None, connection: Connection) -> None:
        self.halt = halt
        self.connection = connection
        self._model_calls: dict[str, list[str]] = {}

    async def at(self, when: str, fn: Callable[..., Any]) -> None:
        """Halt if this is the breakpoint. A model call heartbeats meanwhile, so it is not lost."""
        info = activity.info()
        if not self.halt or self.halt.when != when or self.halt.number != self._number(info):
            return
        self.connection.send(info.workflow_id)
        while not self.connection.poll():
            if iscoroutinefunction(fn):
                activity.heartbeat()
            await asyncio.sleep(0.1)

    def _number(self, info: activity.Info) -> int:
        """Return the activity's number in its workflow, or 0 if it does not count."""
        if not self.halt or not self.halt.model_calls:
            return int(info.activity_id)
        if info.activity_type != MODEL_CALL:
            return 0
        calls = self._model_calls.setdefault(info.workflow_id or "", [])
        if info.activity_id not in calls:
            calls.append(info.activity_id)
        return 1 + calls.index(info.activity_id)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _HaltingActivity(next, self)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        return _Inbound


class _HaltingActivity(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, halting: _Halting) -> None:
        super().__init__(next)
        self._halting = halting

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        await self._halting.at("before", input.fn)
        result = await super().execute_activity(input)
        await self._halting.at("after", input.fn)
        return result


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_ShortActivities(outbound))


class _ShortActivities(WorkflowOutboundInterceptor):
    """Gives activities without a heartbeat timeout one, so that a lost one is soon noticed."""

    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:
        if input.heartbeat_timeout is None:
            input.heartbeat_timeout = MAX_WAIT
        return super().start_activity(input)
