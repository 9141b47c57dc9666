"""Keeps agent workflows from hanging: agent errors fail the run, bad arguments never get in.

In Temporal, an ordinary exception in workflow code does not fail the workflow: it fails the
workflow *task*, which is then retried for ever, in the hope of a mended deployment. That suits a
bug in your code. It does not suit a model that calls an unknown tool, or a client that sends a
string for a number: no deployment mends those, and the run hangs. `safety_plugin()` turns both
into errors with a type and a message.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import replace
from datetime import timedelta
from inspect import Parameter, iscoroutinefunction, signature
from itertools import zip_longest
from typing import Any, Literal, get_args

from agents import AgentsException, ModelBehaviorError, ModelResponse
from pydantic import ValidationError
from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError
from temporalio.openai_agents import OpenAIPayloadConverter
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import _Definition

_SDK_PACKAGES = {"agents", "mcp", "mcp_types", "openai", "temporalio"}
_STRICT = PydanticJSONPlainPayloadConverter()

# Set once an update's handler runs: what it decodes from then on is its own business.
_update_accepted: ContextVar[bool] = ContextVar("_update_accepted", default=False)


class InvalidInput(ApplicationError):
    """An argument that no retry mends: fails the workflow, update, or activity that got it."""

    def __init__(self, message: str) -> None:
        """Say in `message` what was wrong and what would be right."""
        super().__init__(message, type=InvalidInput.__name__, non_retryable=True)


def safety_plugin() -> SimplePlugin:
    """Return the plugin that `connect()` adds after the agents plugin.

    Every `AgentsException` fails the workflow, under its own type name (`MaxTurnsExceeded`, …).
    Arguments are checked against the type hints of what takes them:

    - a bad start fails the workflow with `InvalidInput`;
    - a bad update is rejected and leaves no event in history (one exception: an update sent
      without any arguments, to a handler that requires some and has no validator, is accepted
      before it fails);
    - a bad signal is logged and dropped: a client cannot end someone's workflow with one;
    - a bad activity argument fails the attempt, before the activity runs.

    A model that answers with nothing at all fails the workflow with `ModelBehaviorError`, where the
    Agents SDK would take the empty text for its answer. An `async` activity with a heartbeat
    timeout heartbeats by itself, so that one lost with its worker is soon taken up.

    The SDKs' own types keep the lenient decoding of the agents plugin. A workflow with
    `@workflow.init` should take one argument: when a client leaves out a defaulted one, Temporal
    decodes the others without their type hints, and `__init__` runs before the check here.
    """
    return SimplePlugin(
        "durable-agents.safety",
        data_converter=_with_strict_payloads,
        interceptors=[_SafetyInterceptor()],
        workflow_failure_exception_types=[AgentsException],
        workflow_runner=_with_this_package_passed_through,
    )


class StrictPayloadConverter(OpenAIPayloadConverter):
    """Decodes as the agents plugin does, but refuses what does not fit its type hint."""

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        """Decode `payloads`.

        Raises:
            InvalidInput: A value does not fit its hint; names the field and what would be right.
        """
        hints = type_hints or _hints_of_pending_update(len(payloads))
        return [self._decode(*pair) for pair in zip_longest(payloads, hints)]

    def _decode(self, payload: Payload, hint: type | None) -> Any:
        encoding = payload.metadata.get("encoding")
        checked = encoding in (b"json/plain", b"binary/null") and not _is_lenient(hint)
        if not checked:
            return super().from_payloads([payload], [hint] if hint else None)[0]
        if encoding == b"binary/null":  # decodes to None, whatever the hint says
            payload = Payload(metadata={"encoding": b"json/plain"}, data=b"null")
        try:
            return _STRICT.from_payload(payload, hint)
        except ValidationError as error:
            name = re.sub(r"\w+\.", "", getattr(hint, "__name__", str(hint)))
            raise InvalidInput(describe(error, name.removesuffix(" | None"))) from None


def _with_strict_payloads(converter: DataConverter | None) -> DataConverter:
    return replace(converter or DataConverter(), payload_converter_class=StrictPayloadConverter)


def _with_this_package_passed_through(runner: WorkflowRunner | None) -> WorkflowRunner:
    if not isinstance(runner, SandboxedWorkflowRunner):
        return runner or SandboxedWorkflowRunner()
    restrictions = runner.restrictions.with_passthrough_modules(__package__)
    return replace(runner, restrictions=restrictions)


def _is_lenient(hint: Any) -> bool:
    """Whether a hint is absent, raw, or made of the SDKs' own types, which drift from live data."""
    parts = [hint, *get_args(hint)]
    return hint in (None, Any, RawValue) or any(
        getattr(part, "__module__", "").split(".")[0] in _SDK_PACKAGES
        or (part is not hint and get_args(part) and _is_lenient(part))
        for part in parts
    )


def describe(error: ValidationError, name: str) -> str:
    """Say in one line what is wrong with `name`, without its values: they may hold a secret."""
    problems = error.errors(include_url=False, include_input=False)
    return "; ".join(
        ".".join([name, *map(str, problem["loc"])]) + f": {problem['msg']}" for problem in problems
    )


def _handler(kind: Literal["signals", "updates"], name: str) -> Callable[..., Any] | None:
    """Return the method that handles a signal or update; None for dynamic and run-time handlers.

    `workflow.get_update_handler` would return a wrapper without the method's signature.
    """
    handlers = getattr(_Definition.must_from_class(type(workflow.instance())), kind)
    return handlers[name].fn if name in handlers else None


def _hints(method: Callable[..., Any], count: int) -> list[Any]:
    """Return the type hints of the first `count` arguments of `method`, after `self`.

    Raises:
        InvalidInput: `method` cannot be called with `count` arguments.
    """
    taken = signature(method, eval_str=True)
    taken = taken.replace(parameters=list(taken.parameters.values())[1:])
    try:
        given = taken.bind(*[None] * count).arguments
    except TypeError as error:
        raise InvalidInput(f"{error}; the arguments are {taken}") from None
    hints = [taken.parameters[name].annotation for name in given]
    return [Any if hint is Parameter.empty else hint for hint in hints]


def _hints_of_pending_update(count: int) -> list[Any]:
    """Return the hints that Temporal drops when an update leaves out defaulted arguments."""
    update = workflow.current_update_info()
    if update is None or _update_accepted.get():
        return []
    method = _handler("updates", update.name)
    return _hints(method, count) if method else []


def _checked(method: Callable[..., Any] | None, arguments: Sequence[Any]) -> Sequence[Any]:
    """Return `arguments` checked, also where Temporal dropped the hints for a left-out default.

    Raises:
        InvalidInput: They do not fit `method`.
    """
    if method is None:
        return arguments
    hints = _hints(method, len(arguments))
    if len(hints) == len(signature(method).parameters) - 1:
        return arguments  # the converter has seen the hints
    converter = workflow.payload_converter()
    return converter.from_payloads(converter.to_payloads(arguments), hints)


class _SafetyInbound(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        input.args = _checked(input.run_fn, input.args)
        return await super().execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:
        try:
            input.args = _checked(_handler("signals", input.signal), input.args)
        except InvalidInput as error:
            workflow.logger.warning("Signal %s dropped: %s", input.signal, error.message)
            return
        await super().handle_signal(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        input.args = _checked(_handler("updates", input.update), input.args)
        super().handle_update_validator(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        _update_accepted.set(True)
        input.args = _checked(_handler("updates", input.update), input.args)
        return await super().handle_update_handler(input)


class _SafetyActivityInbound(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        timeout = activity.info().heartbeat_timeout
        if timeout and iscoroutinefunction(input.fn):
            beating = asyncio.create_task(_heartbeat_every(timeout / 2))
            try:
                return await self._answer(input)
            finally:
                beating.cancel()
        return await self._answer(input)

    async def _answer(self, input: ExecuteActivityInput) -> Any:
        result = await super().execute_activity(input)
        if isinstance(result, ModelResponse) and not result.output:
            raise ApplicationError(
                "The model answered with nothing at all",
                type=ModelBehaviorError.__name__,
                non_retryable=True,
            )
        return result


async def _heartbeat_every(interval: timedelta) -> None:
    while True:
        await asyncio.sleep(interval.total_seconds())
        activity.heartbeat()


class _SafetyInterceptor(Interceptor):
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _SafetyActivityInbound(next)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        return _SafetyInbound
