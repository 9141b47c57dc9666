"""Validates proposed tool calls, and runs the confirmed ones."""

from durable_agents import InvalidInput
from durable_agents.errors import describe_validation_error

from collections.abc import Sequence

from pydantic import ValidationError
from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from goal_agent.limits import clip
from goal_agent.models import Argument, CheckedStep, ToolRun
from goal_agent.toolbox.registry import TOOLS

NOT_DONE = "NotDone"
"""The error type of a tool that was refused before it could do anything."""


@activity.defn(name="check_step")
async def validate_tool_call(tool: str, given: list[Argument]) -> CheckedStep:
    """Validate a tool's arguments as the tool would, before the user is asked to confirm them.

    An activity, so the result is in the history: a tool may change during a conversation.
    """
    if tool not in TOOLS:
        return CheckedStep(problem="There is no such tool")
    return TOOLS[tool].check(given)


@activity.defn(dynamic=True)
async def run_tool(arguments: Sequence[RawValue]) -> str:
    """Run the tool that the activity's type names.

    One dynamic activity runs all tools: a new tool needs no new activity, and the history shows
    each tool by its name.

    Raises:
        ApplicationError: The tool failed. `NotDone` if it refused its first attempt: an earlier
            attempt may have had an effect, even if a later one is refused.
    """
    try:
        return await _run(activity.info().activity_type, arguments)
    except ApplicationError as error:
        if not error.non_retryable or activity.info().attempt > 1:
            raise
        raise ApplicationError(error.message, type=NOT_DONE, non_retryable=True) from None


async def _run(name: str, arguments: Sequence[RawValue]) -> str:
    if name not in TOOLS:
        raise InvalidInput(f"there is no tool {name}; known tools: {', '.join(TOOLS)}")
    if len(arguments) != 1:
        raise InvalidInput(f"{name} takes one argument, ToolRun")
    call = activity.payload_converter().from_payload(arguments[0].payload, ToolRun)
    try:
        tool = TOOLS[name].arguments.model_validate(call.args)
    except ValidationError as error:  # valid when confirmed, which may be a day ago
        raise InvalidInput(describe_validation_error(error, name)) from None
    try:
        return clip(await tool.run(call.idempotency_key))
    except UnicodeError as error:
        raise InvalidInput(f"{name} cannot use the text ({type(error).__name__})") from None
