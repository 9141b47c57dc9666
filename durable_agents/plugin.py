"""The plugin that makes agent workflows fail with typed errors instead of hanging.

In Temporal, an ordinary exception in workflow code does not fail the workflow: it fails the
workflow *task*, which is retried until a deployment fixes the code. That suits a bug. It does not
suit a model that calls an unknown tool, or a client that sends a string for a number: no deployment
fixes those, and the run hangs. `DurabilityPlugin()` turns them into typed errors, and makes
activities stop soon after they are cancelled.
"""

from durable_agents.arguments import check_arguments
from durable_agents.environment import deployment_config
from durable_agents.model_calls import MODEL_CALLS
from durable_agents.model_errors import sort_model_error
from durable_agents.payloads import durable_data_converter
from durable_agents.responses import validate_events, validate_response
from durable_agents.sandbox import skip_unused_payload_steps, with_passthrough
from durable_agents.shutdown import FatalErrorEvent

import asyncio
from copy import deepcopy
from datetime import timedelta
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, NoReturn

from agents import AgentsException, ModelResponse
from pydantic_core import PydanticSerializationError
from temporalio import activity, worker, workflow
from temporalio.plugin import SimplePlugin

# How soon a cancellation reaches an activity. Temporal Cloud bills each heartbeat as an action.
HEARTBEAT_INTERVAL = timedelta(seconds=0.5)
# How long a workflow task waits for the worker that has cached the workflow.
STICKY_TIMEOUT = timedelta(seconds=2)
# What fails a run instead of its workflow task. All but the first are raised in workflow code by
# some unusable model responses; no deployment fixes those.
RUN_FAILURES = [AgentsException, RecursionError, UnicodeError, PydanticSerializationError]


class DurabilityPlugin(SimplePlugin, worker.Interceptor):
    """The plugin that `connect()` adds after the agents plugin.

    - An `AgentsException` fails the run, under its own type name (`MaxTurnsExceeded`, …).
    - Arguments are checked against type hints. A bad start fails the workflow with `InvalidInput`;
      a bad update is rejected and leaves no event; a bad signal is logged and dropped; a bad
      activity argument fails the activity before it runs.
    - A value that exceeds a size limit raises `TooLarge` where it is sent.
    - A model response is validated on the worker (`responses.py`), and a failed model call says
      whether a retry can help (`model_errors.py`).
    - Activities with a heartbeat timeout heartbeat automatically: a cancellation reaches them
      within a second, and work lost in a crash is rescheduled quickly.
    """

    def __init__(self) -> None:
        super().__init__(
            "durable-agents.durability",
            data_converter=durable_data_converter,
            interceptors=[self],
            workflow_failure_exception_types=RUN_FAILURES,
            workflow_runner=partial(with_passthrough, module=__package__),
        )

    def configure_worker(self, config: worker.WorkerConfig) -> worker.WorkerConfig:
        """Set the version from the environment, and detect cancellations and lost workers quickly.

        A worker's own values take precedence.
        """
        config = super().configure_worker(config)
        if config["max_heartbeat_throttle_interval"] == timedelta(seconds=60):  # the default
            config["max_heartbeat_throttle_interval"] = HEARTBEAT_INTERVAL
        if config["sticky_queue_schedule_to_start_timeout"] == timedelta(seconds=10):
            config["sticky_queue_schedule_to_start_timeout"] = STICKY_TIMEOUT
        # Not the workers of MCP sessions, whose queues belong to a single workflow.
        if config["workflows"] and not (config["deployment_config"] or config["build_id"]):
            config["deployment_config"] = deployment_config()
        skip_unused_payload_steps(config)
        config["on_fatal_error"] = FatalErrorEvent(config["on_fatal_error"])
        return config

    def intercept_activity(
        self, next: worker.ActivityInboundInterceptor
    ) -> worker.ActivityInboundInterceptor:
        """Heartbeat, and check the outcome of model calls."""
        return _ActivityInbound(next)

    def workflow_interceptor_class(
        self, input: worker.WorkflowInterceptorClassInput
    ) -> type[worker.WorkflowInboundInterceptor]:
        """Check what a run receives, and what it passes on to the next run."""
        return _WorkflowInbound


class _WorkflowInbound(worker.WorkflowInboundInterceptor):
    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        check_arguments()
        super().init(_WorkflowOutbound(outbound))


class _WorkflowOutbound(worker.WorkflowOutboundInterceptor):
    def continue_as_new(self, input: worker.ContinueAsNewInput) -> NoReturn:
        # Encode the values here to raise TooLarge, which nothing could catch where Temporal
        # encodes them. The copy keeps them from being counted twice.
        converter = deepcopy(workflow.payload_converter())
        converter.to_payloads(input.args)
        for value in (input.memo or {}).values():
            converter.to_payloads([value])
        super().continue_as_new(input)


class _ActivityInbound(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        heartbeats = asyncio.create_task(_heartbeat(iscoroutinefunction(input.fn)))
        try:
            if activity.info().activity_type in MODEL_CALLS:
                return await self._call_model(input)
            return await super().execute_activity(input)
        finally:
            heartbeats.cancel()

    async def _call_model(self, input: worker.ExecuteActivityInput) -> Any:
        schema = input.args[0].get("output_schema")
        structured = schema is not None and not schema.is_plain_text()
        try:
            answer = await super().execute_activity(input)
            validate = validate_response if isinstance(answer, ModelResponse) else validate_events
            return validate(answer, structured=structured)
        except Exception as error:
            failure = sort_model_error(error, activity.info().attempt)
        raise failure  # outside the handler: the error, which may hold a key, would be its context


async def _heartbeat(on_event_loop: bool) -> None:
    while activity.info().heartbeat_timeout:
        await asyncio.sleep(HEARTBEAT_INTERVAL.total_seconds() / 2)  # the worker throttles them
        if on_event_loop:
            activity.heartbeat()
        else:  # the heartbeat of a sync activity waits for the event loop
            await asyncio.to_thread(activity.heartbeat)
