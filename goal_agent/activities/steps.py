"""What becomes of a proposed step: it is checked, and once it is confirmed, its tool runs."""

from durable_agents import InvalidInput
from durable_agents.errors import describe_validation_error

from collections.abc import Sequence

from pydantic import ValidationError
from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from goal_agent.models import CheckedStep, Proposal, ToolRun
from goal_agent.sizes import clip
from goal_agent.toolbox.registry import TOOLS


@activity.defn
async def check_step(proposal: Proposal) -> CheckedStep:
    """Check a tool's arguments as the tool would, before anyone is asked to confirm them.

    An activity, since a tool may change while conversations go on: what a check has said stands
    in the history.
    """
    if proposal.tool not in TOOLS:
        return CheckedStep(args={}, missing=[], problem="There is no such tool", spends=False)
    return TOOLS[proposal.tool].check(proposal.args)


@activity.defn(dynamic=True)
async def run_tool(arguments: Sequence[RawValue]) -> str:
    """Run the tool that has the activity's name.

    One activity for all tools: a new one needs no new code here, and in the history each has its
    own name.

    Raises:
        ApplicationError: There is no such tool, or the tool cannot do it.
        InvalidInput: The arguments do not fit.
    """
    name = activity.info().activity_type
    if name not in TOOLS:
        known = ", ".join(TOOLS)
        raise ApplicationError(
            f"There is no tool {name}; known are: {known}", type="UnknownTool", non_retryable=True
        )
    if len(arguments) != 1:
        raise InvalidInput(f"{name} takes one argument, ToolRun")
    call = activity.payload_converter().from_payload(arguments[0].payload, ToolRun)
    try:
        checked = TOOLS[name].arguments.model_validate(call.args)
    except ValidationError as error:  # by now: a day may have passed since they were confirmed
        raise InvalidInput(describe_validation_error(error, name)) from None
    try:
        return clip(await checked.run(call.idempotency_key))
    except UnicodeError as error:
        raise InvalidInput(f"{name} cannot use the text ({type(error).__name__})") from None
