"""An activity as a tool whose failures reach the model."""

from durable_agents.errors import TooLarge, describe_validation_error, root_cause

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from agents import FunctionTool, RunContextWrapper
from agents.tool_context import ToolContext
from pydantic import ValidationError
from temporalio.common import RetryPolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    TimeoutError,
    TimeoutType,
    is_cancelled_exception,
)
from temporalio.openai_agents.workflow import activity_as_tool

DEFAULT_TIMEOUT = timedelta(seconds=60)
HEARTBEAT_TIMEOUT = timedelta(seconds=10)


def activity_tool(
    activity: Callable[..., Any],
    *,
    needs_approval: bool = False,
    strict_json_schema: bool = True,
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
        needs_approval: Whether the run stops for a person's approval before each call.
        strict_json_schema: Whether the schema of the arguments is strict.
        options: The activity options of `activity_as_tool`: timeouts, `retry_policy`,
            `task_queue`, `summary`, …
    """
    if not options.keys() & {"start_to_close_timeout", "schedule_to_close_timeout"}:
        options["start_to_close_timeout"] = DEFAULT_TIMEOUT
    options.setdefault("heartbeat_timeout", HEARTBEAT_TIMEOUT)
    options.setdefault("retry_policy", RetryPolicy(maximum_attempts=3))
    tool = activity_as_tool(activity, strict_json_schema=strict_json_schema, **options)
    if not isinstance(tool, FunctionTool):
        raise TypeError(f"activity_as_tool returned {type(tool).__name__}, not a FunctionTool")
    call = tool.on_invoke_tool

    async def call_and_report(context: ToolContext[Any], arguments: str) -> Any:
        arguments = arguments.strip() or "{}"  # several providers send "" for no arguments
        if not _is_json_object(arguments):
            return f"{tool.name} was not called: its arguments must be a JSON object"
        # A `ToolContext` holds the agent, whose functions cannot be sent to an activity.
        sendable = RunContextWrapper(context.context, usage=context.usage)
        try:
            return await call(cast("ToolContext[Any]", sendable), arguments)
        except ValidationError as error:
            return f"{tool.name} was not called: {describe_validation_error(error, 'arguments')}"
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return f"{tool.name} {_outcome(error.cause)}: {root_cause(error).message}"

    return replace(tool, on_invoke_tool=call_and_report, needs_approval=needs_approval)


def _outcome(cause: BaseException | None) -> str:
    """Return what is known about a call whose attempts are used up."""
    if isinstance(cause, TimeoutError) and cause.type is not TimeoutType.SCHEDULE_TO_START:
        return "has an unknown outcome, it may have been done"
    if isinstance(cause, ApplicationError) and cause.type == TooLarge.__name__:
        return "was done, but its result cannot be shown"
    if isinstance(cause, TimeoutError) or getattr(cause, "non_retryable", False):
        return "was not done"
    return "failed"


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
