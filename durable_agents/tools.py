"""An activity as a tool whose failures reach the model."""

from durable_agents.errors import TooLarge, describe_validation_error, root_cause

from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from agents import FunctionTool, RunContextWrapper
from agents.tool_context import ToolContext
from pydantic import TypeAdapter, ValidationError
from temporalio import exceptions
from temporalio.common import RetryPolicy
from temporalio.openai_agents.workflow import activity_as_tool

DEFAULT_TIMEOUT = timedelta(seconds=60)
HEARTBEAT_TIMEOUT = timedelta(seconds=10)

ApprovalPolicy = bool | Callable[[RunContextWrapper[Any], dict[str, Any], str], Awaitable[bool]]

_JSON_OBJECT = TypeAdapter(dict[str, Any])
_CACHE = "__durable_agents_tools__"
_MAX_CACHED = 16  # tools of one activity, with different options


def activity_tool(
    activity: Callable[..., Any],
    *,
    needs_approval: ApprovalPolicy = False,
    **options: Any,
) -> FunctionTool:
    """Return `activity` as a tool, like `activity_as_tool`, but report failures to the model.

    `activity_as_tool` fails the workflow if the activity fails or the model's arguments are
    invalid, and retries a failing activity forever. Here, the activity gets three attempts of
    60 seconds each unless `options` say otherwise. If they fail, or if the arguments are invalid,
    the model gets one sentence that says what is known about the outcome: not called, not done,
    failed, or unknown. A cancellation reaches the activity within a second, and propagates.

    Args:
        activity: A function or a method. The model sees its name, docstring, and parameters, and
            `str()` of its result.
        needs_approval: Whether the run stops for a person's approval before each call, or an
            async function of the run's context, the arguments, and the call id that decides this
            for one call. The arguments are the model's: they may not fit the schema.
        options: The options of `activity_as_tool`: timeouts, `retry_policy`, `task_queue`,
            `summary`, `strict_json_schema`, …
    """
    if not options.keys() & {"start_to_close_timeout", "schedule_to_close_timeout"}:
        options["start_to_close_timeout"] = DEFAULT_TIMEOUT
    options.setdefault("heartbeat_timeout", HEARTBEAT_TIMEOUT)
    options.setdefault("retry_policy", RetryPolicy(maximum_attempts=3))
    # Building a tool takes milliseconds of CPU. The function keeps its tools, and they are freed
    # with it: the sandbox imports modules that it does not pass through again for each workflow.
    known = getattr(activity, _CACHE, [])
    tool: FunctionTool | None = next((tool for given, tool in known if given == options), None)
    if not tool:
        options = deepcopy(options)
        tool = _build_tool(activity, options)
        function = getattr(activity, "__func__", activity)
        setattr(function, _CACHE, [*known, (options, tool)][-_MAX_CACHED:])
    # A tool can be changed, and so can its schema: each caller gets its own.
    schema = deepcopy(tool.params_json_schema)
    return replace(tool, params_json_schema=schema, needs_approval=needs_approval)


def _build_tool(activity: Callable[..., Any], options: dict[str, Any]) -> FunctionTool:
    tool = cast(FunctionTool, activity_as_tool(activity, **options))
    call = tool.on_invoke_tool

    async def call_and_report(context: ToolContext[Any], arguments: str) -> Any:
        arguments = arguments.strip() or "{}"  # several providers send "" for no arguments
        try:
            _JSON_OBJECT.validate_json(arguments)
        except ValidationError:
            return f"{tool.name} was not called: its arguments must be a JSON object"
        # A `ToolContext` holds the agent, whose functions cannot be sent to an activity.
        sendable = RunContextWrapper(context.context, usage=context.usage)
        try:
            return await call(cast("ToolContext[Any]", sendable), arguments)
        except ValidationError as error:
            return f"{tool.name} was not called: {describe_validation_error(error, 'arguments')}"
        except exceptions.ActivityError as error:
            if exceptions.is_cancelled_exception(error):
                raise
            return f"{tool.name} {_outcome(error.cause)}: {root_cause(error).message}"

    return replace(tool, on_invoke_tool=call_and_report)


def _outcome(cause: BaseException | None) -> str:
    """Return what is known about a call whose attempts are used up."""
    if isinstance(cause, exceptions.TimeoutError):
        waited = cause.type is exceptions.TimeoutType.SCHEDULE_TO_START
        return "was not done" if waited else "has an unknown outcome, it may have been done"
    if isinstance(cause, exceptions.ApplicationError) and cause.type == TooLarge.__name__:
        return "was done, but its result cannot be shown"
    return "was not done" if getattr(cause, "non_retryable", False) else "failed"
