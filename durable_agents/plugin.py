"""The plugin that keeps agent workflows durable: they never hang, and they stop when asked.

In Temporal, an ordinary exception in workflow code does not fail the workflow: it fails the
workflow *task*, which is retried forever, until a deployment fixes the code. That suits a bug. It
does not suit a model that calls an unknown tool, or a client that sends a string for a number:
no deployment fixes those, and the run hangs. `durability_plugin()` turns them into typed errors.
"""

from durable_agents.errors import InvalidInput
from durable_agents.handlers import checked_arguments, handler, update_accepted
from durable_agents.model_errors import sort_model_error
from durable_agents.payloads import MAX_PAYLOAD_BYTES, durable_data_converter
from durable_agents.responses import validate_events, validate_response
from durable_agents.sizes import MAX_TASK_BYTES, MeasuringOutbound, TaskSize

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from agents import AgentsException, ModelResponse
from pydantic_core import PydanticSerializationError
from temporalio import activity, workflow
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkerConfig,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

HEARTBEAT_INTERVAL = timedelta(seconds=0.5)
"""How often an activity with a heartbeat timeout reports to the server, and so how soon it learns
of a cancellation. Temporal Cloud bills each report as an action."""

STICKY_TIMEOUT = timedelta(seconds=2)
"""How long a workflow task waits for the worker that has the workflow in memory."""

RUN_FAILURES = [
    AgentsException,
    # What a faulty answer may still raise in workflow code, and no deployment fixes.
    RecursionError,
    UnicodeError,
    PydanticSerializationError,
]

_MODEL_CALLS = {"invoke_model_activity", "invoke_model_activity_streaming"}


def durability_plugin(
    *,
    max_payload_bytes: int | None = MAX_PAYLOAD_BYTES,
    max_task_bytes: int | None = MAX_TASK_BYTES,
    heartbeat_interval: timedelta = HEARTBEAT_INTERVAL,
) -> SimplePlugin:
    """Return the plugin that `connect()` adds after the agents plugin.

    Every `AgentsException` fails the run, under its own type name (`MaxTurnsExceeded`, …).
    Arguments are checked against the type hints of what takes them:

    - a bad start fails the workflow with `InvalidInput`;
    - a bad update is rejected and leaves no event in history (one exception: an update sent
      without any arguments, to a handler that requires some and has no validator, is accepted
      before it fails);
    - a bad signal is logged and dropped: a client cannot end someone's workflow with one;
    - a bad activity argument fails the activity, before it runs.

    What a model answers is validated on the worker (`responses.py`), and a failed model call says
    whether a retry can help (`model_errors.py`). What does not fit into a payload, or into what one
    workflow task may send, raises `TooLarge` where it is sent. Activities with a heartbeat timeout
    heartbeat automatically, so a cancellation reaches them within a second, and work lost in a
    crash is rescheduled quickly.

    A workflow with `@workflow.init` should take one argument: when a client leaves out a defaulted
    one, Temporal decodes the others without their type hints, and `__init__` runs before the check.

    Args:
        max_payload_bytes: The limit of one message, before codec and storage; None for no limit,
            which is right with external storage.
        max_task_bytes: The limit of what one workflow task sends; None likewise.
        heartbeat_interval: How often activities with a heartbeat timeout report to the server.
    """
    return _DurabilityPlugin(
        heartbeat_interval,
        data_converter=partial(durable_data_converter, max_bytes=max_payload_bytes),
        interceptors=[_DurabilityInterceptor(max_task_bytes, heartbeat_interval)],
        workflow_failure_exception_types=RUN_FAILURES,
        workflow_runner=_with_this_package_passed_through,
    )


class _DurabilityPlugin(SimplePlugin):
    def __init__(self, heartbeat_interval: timedelta, **options: Any) -> None:
        super().__init__("durable-agents.durability", **options)
        self._heartbeat_interval = heartbeat_interval

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Let cancellations and lost workers be noticed quickly, unless the worker says how."""
        config = super().configure_worker(config)
        for option, default, ours in (
            ("max_heartbeat_throttle_interval", timedelta(seconds=60), self._heartbeat_interval),
            ("sticky_queue_schedule_to_start_timeout", timedelta(seconds=10), STICKY_TIMEOUT),
        ):
            if config.get(option, default) == default:
                config[option] = ours  # type: ignore[literal-required]
        return config


def _with_this_package_passed_through(runner: WorkflowRunner | None) -> WorkflowRunner:
    if not isinstance(runner, SandboxedWorkflowRunner):
        return runner or SandboxedWorkflowRunner()
    restrictions = runner.restrictions.with_passthrough_modules(__package__)
    return replace(runner, restrictions=restrictions)


class _WorkflowInbound(WorkflowInboundInterceptor):
    def __init__(self, next: WorkflowInboundInterceptor, max_task_bytes: int | None) -> None:
        super().__init__(next)
        self._sizes = TaskSize(max_task_bytes)

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(MeasuringOutbound(outbound, self._sizes))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        input.args = checked_arguments(input.run_fn, input.args)
        [result] = self._sizes.encode([await super().execute_workflow(input)])
        return result

    async def handle_signal(self, input: HandleSignalInput) -> None:
        try:
            input.args = checked_arguments(handler("signals", input.signal), input.args)
        except InvalidInput as error:
            workflow.logger.warning("Signal %s dropped: %s", input.signal, error.message)
            return
        await super().handle_signal(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        input.args = checked_arguments(handler("updates", input.update), input.args)
        super().handle_update_validator(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        update_accepted.set(True)
        input.args = checked_arguments(handler("updates", input.update), input.args)
        [result] = self._sizes.encode([await super().handle_update_handler(input)])
        return result


class _ActivityInbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, heartbeat_interval: timedelta) -> None:
        super().__init__(next)
        self._interval = heartbeat_interval.total_seconds() / 2  # the worker throttles them

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        beating = None
        if info.heartbeat_timeout:
            in_thread = not iscoroutinefunction(input.fn)
            beating = asyncio.create_task(self._heartbeat(in_thread=in_thread))
        try:
            if info.activity_type in _MODEL_CALLS:
                return await self._call_model(input, info.attempt)
            return await super().execute_activity(input)
        finally:
            if beating:
                beating.cancel()

    async def _call_model(self, input: ExecuteActivityInput, attempt: int) -> Any:
        schema = input.args[0].get("output_schema")
        structured = schema is not None and not schema.is_plain_text()
        try:
            answer = await super().execute_activity(input)
            if isinstance(answer, ModelResponse):
                return validate_response(answer, structured=structured)
            return validate_events(answer, structured=structured)
        except Exception as error:
            failure = sort_model_error(error, attempt)
        raise failure from None  # here: the error itself, with its key, would be its context

    async def _heartbeat(self, *, in_thread: bool) -> None:
        while True:
            await asyncio.sleep(self._interval)
            if in_thread:  # a sync activity's heartbeat waits for the event loop: never on it
                await asyncio.to_thread(activity.heartbeat)
            else:
                activity.heartbeat()


class _DurabilityInterceptor(Interceptor):
    def __init__(self, max_task_bytes: int | None, heartbeat_interval: timedelta) -> None:
        self._max_task_bytes = max_task_bytes
        self._heartbeat_interval = heartbeat_interval

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _ActivityInbound(next, self._heartbeat_interval)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        max_task_bytes = self._max_task_bytes

        class WithLimit(_WorkflowInbound):
            def __init__(self, next: WorkflowInboundInterceptor) -> None:
                super().__init__(next, max_task_bytes)

        return WithLimit
