"""A profile for short agent runs: activities run inside the workflow task that starts them.

    client = await connect(**fast())

By default, the server schedules each model call and each tool as an activity, and records its input
and its result. With this profile, the worker that has the workflow runs them at once, as local
activities, and records only the results: a run needs one round trip to the server instead of one
for each call, and its history grows linearly. Two model calls and a tool take 0.6 of the time and
0.8 of the worker's CPU; without the sandbox, half of the time.

It gives up:

- A stop within a second. A running call keeps its workflow task open, and the worker asks the
  server for news every 8 s (0.8 of the workflow's `task_timeout`). A cancellation, a signal, or a
  query takes up to 8 s, an update up to 16 s. So do those that a call itself sends to its workflow:
  published text, and the queries of `ModelInputPlugin`.
- Results that are recorded one by one. After a crash, the server waits 10 s (`task_timeout`). Then
  all calls since the last workflow task are repeated, at most `MAX_CALLS`, also those that had
  finished. The model may answer differently and call other tools. Give tools with effects a
  `task_queue`, even if it is their worker's own: activities with one remain activities, and the
  calls before them are recorded before they start.
- Heartbeats, and calls that stop when their worker does. On shutdown, a worker waits for running
  calls. `serve()` ends the process 5 s after `graceful_shutdown_timeout`; another worker repeats
  the calls.
- Some megabytes: the process collects garbage less often from then on (`GC_THRESHOLD`).
- Large results: above `MAX_RESULT_BYTES`, a call fails with `TooLarge`.
- The inputs of calls in the history, which explain a failed run, and spans around each call.
- Separate workers for calls without a `task_queue`: a worker runs what its workflows call.
- With `sandbox=False`, the guards against nondeterministic workflow code. All runs of a process
  share its modules, so workflow code must not keep state in them. The sandbox imports workflow
  modules again for each run. Without it, a test that patches an imported name must patch it in the
  workflow module as well.

Streamed model calls and activities with timeouts above `MAX_TIMEOUT` remain activities.

A history does not replay on a worker with the other profile. Roll out the change as a new worker
version, or wait until all runs have closed.
"""
# ruff: noqa: D102 (the base classes document the methods that are overridden)

from durable_agents.errors import TooLarge
from durable_agents.payloads import MAX_PAYLOAD_BYTES, MAX_TASK_BYTES, is_sent

import gc
from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio import activity, worker, workflow
from temporalio.exceptions import ActivityError
from temporalio.plugin import SimplePlugin
from temporalio.worker import StartLocalActivityInput, UnsandboxedWorkflowRunner

MAX_CALLS = 10
"""Local activities whose results may be unrecorded. The next one is a normal activity."""

MAX_RESULT_BYTES = (MAX_TASK_BYTES - MAX_PAYLOAD_BYTES) // MAX_CALLS
"""The size of a local activity's result: one message of the worker carries them all."""

MAX_TIMEOUT = timedelta(minutes=10)
"""Activities with a longer timeout are normal: the server limits how long a workflow task can stay
open, to 30 minutes by default."""

RETRY_THRESHOLD = timedelta(seconds=1)
"""A longer delay before a retry is a timer, so that it does not keep the workflow task open."""

GC_THRESHOLD = 50_000
"""Objects that a worker's process allocates between two garbage collections. Python's default, 700
to 2,000, takes a twentieth of the CPU; this takes some megabytes more."""

_STREAMED = "invoke_model_activity_streaming"  # it signals its workflow
_FIELDS = {field.name for field in fields(StartLocalActivityInput)}


def fast(*, sandbox: bool = True) -> dict[str, Any]:
    """Return the arguments of `connect()` for the fast profile; pass them in workers.

    A `Replayer` needs the `plugins` among them.

    Args:
        sandbox: Whether workflows run in the SDK's sandbox.
    """
    return {"plugins": [FastPlugin(sandbox=sandbox)], "add_temporal_spans": False}


class FastPlugin(SimplePlugin, worker.Interceptor):
    """Runs activities as local ones, unless they have a task queue or a long timeout."""

    def __init__(self, *, sandbox: bool) -> None:
        super().__init__(
            "durable-agents.fast",
            interceptors=[self],
            workflow_runner=None if sandbox else UnsandboxedWorkflowRunner(),
        )

    def configure_worker(self, config: worker.WorkerConfig) -> worker.WorkerConfig:
        config = super().configure_worker(config)
        # With none, temporalio evicts runs while their calls are in flight, and they time out.
        config["max_cached_workflows"] = max(config["max_cached_workflows"], 1)
        return config

    async def run_worker(
        self, worker: worker.Worker, next: Callable[[worker.Worker], Awaitable[None]]
    ) -> None:
        if 0 < gc.get_threshold()[0] < GC_THRESHOLD:  # 0 means never
            gc.set_threshold(GC_THRESHOLD)
        await super().run_worker(worker, next)

    def intercept_activity(
        self, next: worker.ActivityInboundInterceptor
    ) -> worker.ActivityInboundInterceptor:
        return _ActivityInbound(next)

    def workflow_interceptor_class(
        self, input: worker.WorkflowInterceptorClassInput
    ) -> type[worker.WorkflowInboundInterceptor]:
        return _WorkflowInbound


class _ActivityInbound(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        result = await super().execute_activity(input)
        if activity.info().is_local:
            size = activity.payload_converter().to_payload(result).ByteSize()
            if size > MAX_RESULT_BYTES:
                raise TooLarge("the result", size, MAX_RESULT_BYTES)
        return result


class _WorkflowInbound(worker.WorkflowInboundInterceptor):
    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        super().init(_WorkflowOutbound(outbound))


class _WorkflowOutbound(worker.WorkflowOutboundInterceptor):
    def __init__(self, next: worker.WorkflowOutboundInterceptor) -> None:
        super().__init__(next)
        self._started = self._finished = self._recorded = 0  # local activities of this run

    def start_activity(self, input: worker.StartActivityInput) -> workflow.ActivityHandle[Any]:
        if _can_be_local(input) and self._started - self._recorded < MAX_CALLS:
            options = {name: value for name, value in vars(input).items() if name in _FIELDS}
            local = StartLocalActivityInput(**options, local_retry_threshold=RETRY_THRESHOLD)
            handle = self.start_local_activity(local)
            _raise_activity_errors(handle, input.activity)
            return handle
        handle = super().start_activity(input)
        handle.add_done_callback(partial(self._count_recorded, self._finished))
        return handle

    def start_local_activity(self, input: StartLocalActivityInput) -> workflow.ActivityHandle[Any]:
        token = is_sent.set(False)
        try:
            handle = super().start_local_activity(input)
        finally:
            is_sent.reset(token)
        self._started += 1
        handle.add_done_callback(self._count_finished)
        return handle

    def _count_finished(self, handle: Any) -> None:
        self._finished += 1

    def _count_recorded(self, finished: int, handle: Any) -> None:
        """Count what had finished when an activity was started: both are sent together."""
        if not handle.cancelled() and not handle.exception():
            self._recorded = max(self._recorded, finished)


def _raise_activity_errors(handle: Any, name: str) -> None:
    """Make a local activity raise `ActivityError` when it fails, as other activities do.

    It raises the cause alone: of a timeout only on replay, which would then fail.
    """
    resolve = handle._resolve_failure  # private API of temporalio

    def resolve_failure(error: BaseException) -> None:
        failure = ActivityError(
            "Activity task failed",
            scheduled_event_id=0,
            started_event_id=0,
            identity="",
            activity_type=name,
            activity_id="",
            retry_state=None,
        )
        failure.__cause__ = error.__cause__ if isinstance(error, ActivityError) else error
        resolve(failure)

    handle._resolve_failure = resolve_failure


def _can_be_local(input: worker.StartActivityInput) -> bool:
    timeout = input.start_to_close_timeout or input.schedule_to_close_timeout
    is_short = timeout is not None and timeout <= MAX_TIMEOUT
    # Not compared to `workflow.info().task_queue`, which is another one on replay.
    return is_short and input.task_queue is None and input.activity != _STREAMED
