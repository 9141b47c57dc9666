"""The plugin that makes agent workflows fail with typed errors instead of hanging.

In Temporal, an ordinary exception in workflow code does not fail the workflow: it fails the
workflow *task*, which is retried until a deployment fixes the code. That suits a bug. It does not
suit a model that calls an unknown tool, or a client that sends a string for a number: no deployment
fixes those, and the run hangs. `durability_plugin()` turns them into typed errors, and makes
activities stop soon after they are cancelled.
"""

from durable_agents.errors import InvalidInput
from durable_agents.model_errors import sort_model_error
from durable_agents.payloads import MAX_PAYLOAD_BYTES, decode_arguments, durable_data_converter
from durable_agents.responses import validate_events, validate_response
from durable_agents.sizes import MAX_TASK_BYTES, TaskSizeLimit

import asyncio
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from datetime import timedelta
from functools import partial
from inspect import Signature, iscoroutinefunction, signature
from typing import Any

from agents import AgentsException, ModelResponse
from pydantic_core import PydanticSerializationError
from temporalio import activity, worker, workflow
from temporalio.plugin import SimplePlugin
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

HEARTBEAT_INTERVAL = timedelta(seconds=0.5)
"""How often an activity with a heartbeat timeout heartbeats, and so how soon a cancellation reaches
it. Temporal Cloud bills each heartbeat as an action."""

STICKY_TIMEOUT = timedelta(seconds=2)
"""How long a workflow task waits for the worker that has cached the workflow."""

RUN_FAILURES = [
    AgentsException,
    # Raised in workflow code by some unusable model responses; no deployment fixes those.
    RecursionError,
    UnicodeError,
    PydanticSerializationError,
]

_MODEL_CALLS = {"invoke_model_activity", "invoke_model_activity_streaming"}
_Method = Callable[..., Any]


def durability_plugin(
    *,
    max_payload_bytes: int | None = MAX_PAYLOAD_BYTES,
    max_task_bytes: int | None = MAX_TASK_BYTES,
    heartbeat_interval: timedelta = HEARTBEAT_INTERVAL,
) -> SimplePlugin:
    """Return the plugin that `connect()` adds after the agents plugin.

    - An `AgentsException` fails the run, under its own type name (`MaxTurnsExceeded`, …).
    - Arguments are checked against type hints. A bad start fails the workflow with `InvalidInput`;
      a bad update is rejected and leaves no event; a bad signal is logged and dropped; a bad
      activity argument fails the activity before it runs.
    - A value that exceeds a size limit raises `TooLarge` where it is sent.
    - A model response is validated on the worker (`responses.py`), and a failed model call says
      whether a retry can help (`model_errors.py`).
    - Activities with a heartbeat timeout heartbeat automatically: a cancellation reaches them
      within a second, and work lost in a crash is rescheduled quickly.

    A workflow with `@workflow.init` should take one argument: if a client leaves out a defaulted
    argument, Temporal decodes the others without type hints, and `__init__` runs before the check.

    Args:
        max_payload_bytes: The limit of one message, before codec and storage; None for no limit,
            as needed with external storage.
        max_task_bytes: The limit of what one workflow task sends; None likewise.
        heartbeat_interval: How often activities with a heartbeat timeout heartbeat.
    """
    return _DurabilityPlugin(
        max_task_bytes,
        heartbeat_interval,
        data_converter=partial(durable_data_converter, max_bytes=max_payload_bytes),
        workflow_failure_exception_types=RUN_FAILURES,
        workflow_runner=_pass_through_this_package,
    )


class _DurabilityPlugin(SimplePlugin, worker.Interceptor):
    def __init__(self, max_task_bytes: int | None, interval: timedelta, **options: Any) -> None:
        super().__init__("durable-agents.durability", interceptors=[self], **options)
        self._max_task_bytes, self._heartbeat_interval = max_task_bytes, interval

    def configure_worker(self, config: worker.WorkerConfig) -> worker.WorkerConfig:
        """Detect cancellations and lost workers quickly, unless the worker sets its own values."""
        config = super().configure_worker(config)
        if config.get("max_heartbeat_throttle_interval") in (None, timedelta(seconds=60)):
            config["max_heartbeat_throttle_interval"] = self._heartbeat_interval
        if config.get("sticky_queue_schedule_to_start_timeout") in (None, timedelta(seconds=10)):
            config["sticky_queue_schedule_to_start_timeout"] = STICKY_TIMEOUT
        return config

    def intercept_activity(
        self, next: worker.ActivityInboundInterceptor
    ) -> worker.ActivityInboundInterceptor:
        return _ActivityInbound(next, self._heartbeat_interval)

    def workflow_interceptor_class(
        self, input: worker.WorkflowInterceptorClassInput
    ) -> type[worker.WorkflowInboundInterceptor]:
        return type("WithLimit", (_WorkflowInbound,), {"max_task_bytes": self._max_task_bytes})


def _pass_through_this_package(runner: worker.WorkflowRunner | None) -> worker.WorkflowRunner:
    if not isinstance(runner, SandboxedWorkflowRunner):
        return runner or SandboxedWorkflowRunner()
    restrictions = runner.restrictions.with_passthrough_modules(__package__)
    return replace(runner, restrictions=restrictions)


class _WorkflowInbound(worker.WorkflowInboundInterceptor):
    max_task_bytes: int | None

    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        self._sizes = TaskSizeLimit(outbound, self.max_task_bytes)
        self._signals, self._updates = _handlers_without_hints()
        super().init(self._sizes)

    async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:
        declared = _parameters(input.run_fn)
        if len(input.args) != len(declared.parameters):  # Temporal has dropped all type hints
            input.args = decode_arguments(declared, input.args)
        return self._sizes.encode([await super().execute_workflow(input)])[0]

    async def handle_signal(self, input: worker.HandleSignalInput) -> None:
        try:
            input.args = _decoded(self._signals.get(input.signal), input.args)
        except InvalidInput as error:
            workflow.logger.warning("Signal %s dropped: %s", input.signal, error.message)
        else:
            await super().handle_signal(input)

    def handle_update_validator(self, input: worker.HandleUpdateInput) -> None:
        input.args = _decoded(self._updates.get(input.update), input.args)
        super().handle_update_validator(input)

    async def handle_update_handler(self, input: worker.HandleUpdateInput) -> Any:
        input.args = _decoded(self._updates.get(input.update), input.args)
        return self._sizes.encode([await super().handle_update_handler(input)])[0]


def _handlers_without_hints() -> tuple[dict[str, _Method], dict[str, _Method]]:
    """Return a run's signal and update methods; from now on their arguments arrive undecoded.

    Temporal drops all type hints if a client leaves out a defaulted argument, and its converters
    never see an argument's name. Without a validator, it accepts an update before any check.
    """
    # Private API of temporalio: how a run finds its handlers. The dictionaries belong to the run.
    run: Any = workflow._Runtime.current()
    for definitions in (run._signals, run._updates):
        for name in filter(None, definitions):  # a dynamic handler has no name
            definitions[name] = copy(definitions[name])
            object.__setattr__(definitions[name], "arg_types", None)
    for name in filter(None, run._updates):
        if run._updates[name].validator is None:
            run._updates[name].set_validator(_accept)
    return (
        {name: signal.fn for name, signal in run._signals.items() if name},
        {name: update.fn for name, update in run._updates.items() if name},
    )


def _accept(self: object, *arguments: object) -> None:
    """Accept an update whose arguments fit."""


def _decoded(method: _Method | None, arguments: Sequence[Any]) -> Sequence[Any]:
    return decode_arguments(_parameters(method), arguments) if method else arguments


def _parameters(method: _Method) -> Signature:
    declared = signature(method, eval_str=True)
    return declared.replace(parameters=list(declared.parameters.values())[1:])  # without `self`


class _ActivityInbound(worker.ActivityInboundInterceptor):
    def __init__(self, next: worker.ActivityInboundInterceptor, interval: timedelta) -> None:
        super().__init__(next)
        self._interval = interval.total_seconds() / 2  # the worker throttles them

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        info = activity.info()
        heartbeats = None
        if info.heartbeat_timeout:
            heartbeats = asyncio.create_task(self._heartbeat(iscoroutinefunction(input.fn)))
        try:
            if info.activity_type in _MODEL_CALLS:
                return await self._call_model(input, info.attempt)
            return await super().execute_activity(input)
        finally:
            if heartbeats:
                heartbeats.cancel()

    async def _call_model(self, input: worker.ExecuteActivityInput, attempt: int) -> Any:
        schema = input.args[0].get("output_schema")
        structured = schema is not None and not schema.is_plain_text()
        try:
            answer = await super().execute_activity(input)
            validate = validate_response if isinstance(answer, ModelResponse) else validate_events
            return validate(answer, structured=structured)
        except Exception as error:
            failure = sort_model_error(error, attempt)
        raise failure  # outside the handler: the error, which may hold a key, would be its context

    async def _heartbeat(self, on_event_loop: bool) -> None:
        while True:
            await asyncio.sleep(self._interval)
            if on_event_loop:
                activity.heartbeat()
            else:  # the heartbeat of a sync activity waits for the event loop
                await asyncio.to_thread(activity.heartbeat)
