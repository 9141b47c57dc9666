"""Worker processes to be killed: they start at once, wait briefly, and halt where they are told.

Each serves a topic's own worker. They are forked from a process that has imported everything: a
start takes a tenth of a second in the place of three.
"""

from durable_agents.plugin import durability_plugin

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from datetime import timedelta
from inspect import iscoroutinefunction
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, NamedTuple, Self

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

from tests.harness.processes import forks
from tests.harness.starters import MODEL_CALL, plugin_options, provider_of, worker_of
from tests.harness.workers import model_params

LONGEST_WAIT = timedelta(seconds=2)


class Breakpoint(NamedTuple):
    """Where every workflow halts: before its n-th activity, or after it but before it is told.

    Where `model_calls` is set, only model calls count.
    """

    number: int
    when: str
    model_calls: bool = False


class ForkedWorker:
    """A worker in a process of its own, for as long as the `with` block lasts.

    Args:
        topic: Whose worker it is.
        halt: Where its workflows halt. Nowhere, by default.
    """

    def __init__(self, topic: str, halt: Breakpoint | None = None) -> None:
        self._connection, other_end = forks.Pipe()
        arguments = (topic, dict(os.environ), halt, other_end)
        self._process = forks.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        self.identity = f"{self._process.pid}@{socket.gethostname()}"
        """What the server calls it."""
        other_end.close()
        self._halted: set[str] = set()

    @property
    def halted(self) -> set[str]:
        """The ids of the workflows that have halted."""
        while self._connection.poll():
            self._halted.add(self._connection.recv())
        return self._halted

    def go_on(self) -> None:
        """Let what has halted, or will, go on."""
        self._connection.send("go on")

    def kill(self) -> None:
        """Kill it with SIGKILL, and wait until it is gone."""
        self._process.kill()
        self._process.join()

    def __enter__(self) -> Self:
        """Return the worker, which is starting."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop it, if it still lives, so that the server knows that it is gone."""
        self._process.terminate()
        self._process.join(5)
        self.kill()
        self._process.close()
        self._connection.close()


def _serve(
    topic: str, environment: dict[str, str], halt: Breakpoint | None, connection: Connection
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    asyncio.run(_run(topic, _Halting(halt, connection)))


async def _run(topic: str, halting: "_Halting") -> None:
    set_trace_processors([])  # as connect() does where the model is not OpenAI's
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with provider_of(topic) as provider:
        options = {**plugin_options(topic), "model_provider": provider}
        agents = OpenAIAgentsPlugin(**{**options, "model_params": model_params(12)})
        plugins = [agents, durability_plugin(), _ShortWaits("short-waits", interceptors=[halting])]
        client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], plugins=plugins)
        async with worker_of(topic, client):
            await stop.wait()


class _ShortWaits(SimplePlugin):
    """Has the server soon offer to others what it keeps for this worker."""

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        config = super().configure_worker(config)
        config["sticky_queue_schedule_to_start_timeout"] = LONGEST_WAIT / 2
        return config


class _Halting(Interceptor):
    def __init__(self, halt: Breakpoint | None, connection: Connection) -> None:
        self.halt = halt
        self.connection = connection
        self._model_calls: dict[str, list[str]] = {}

    async def at(self, when: str, fn: Callable[..., Any]) -> None:
        """Stop here if this is the breakpoint; a model call heartbeats, so it is not lost."""
        info = activity.info()
        if not self.halt or self.halt.when != when or self.halt.number != self._number(info):
            return
        self.connection.send(info.workflow_id)
        while not self.connection.poll():
            if iscoroutinefunction(fn):
                activity.heartbeat()
            await asyncio.sleep(0.1)

    def _number(self, info: activity.Info) -> int:
        """Return which activity of its workflow this is, 0 for one that does not count."""
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
    """Has the server notice soon that an activity is lost, also one without heartbeats."""

    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:
        if input.heartbeat_timeout is None:
            input.heartbeat_timeout = LONGEST_WAIT
        return super().start_activity(input)
