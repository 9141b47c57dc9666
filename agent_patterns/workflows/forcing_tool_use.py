"""Forcing tool use: a tool must be called, and its result need not go back to the model."""

from durable_agents import InvalidInput

from typing import Literal

from agents import (
    Agent,
    FunctionToolResult,
    ModelSettings,
    RunContextWrapper,
    Runner,
    ToolsToFinalOutputFunction,
    ToolsToFinalOutputResult,
    function_tool,
)
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from agent_patterns.models import Quote


async def quote_price(nights: int) -> Quote:
    """Compute what a stay costs."""
    return Quote(nights=nights, euros=120 * nights)


async def say_price(
    context: RunContextWrapper[None], results: list[FunctionToolResult]
) -> ToolsToFinalOutputResult:
    """Write the answer in code: no model retypes the price."""
    quote = results[0].output
    if not isinstance(quote, Quote):  # the tool's error message: the model may try again
        return ToolsToFinalOutputResult(is_final_output=False)
    answer = f"{quote.nights} nights are {quote.euros}.00 EUR, breakfast included."
    return ToolsToFinalOutputResult(is_final_output=True, final_output=answer)


Behavior = Literal["run_llm_again", "stop_on_first_tool"] | ToolsToFinalOutputFunction[None]
BEHAVIORS: dict[str, Behavior] = {
    "default": "run_llm_again",  # the model reads the result and answers
    "first_tool": "stop_on_first_tool",  # the result is the answer, as it is
    "custom": say_price,  # code makes the answer of it
}


@workflow.defn
class ForcingToolUseWorkflow:
    """Tells the price of a stay."""

    @workflow.run
    async def run(self, tool_use_behavior: str = "default") -> str:
        """Return the price of three nights, worded as the behavior has it.

        Raises:
            InvalidInput: The behavior is unknown.
        """
        if tool_use_behavior not in BEHAVIORS:
            known = ", ".join(BEHAVIORS)
            raise InvalidInput(f"tool_use_behavior is {tool_use_behavior!r}: choose one of {known}")
        agent = Agent[None](
            name="Hotel agent",
            instructions="You are a hotel's receptionist.",
            tools=[function_tool(quote_price)],
            tool_use_behavior=BEHAVIORS[tool_use_behavior],
            # By default the model may also make a price up. Forced, it must ask the tool first;
            # the SDK lifts that after the first call, or there would be no end.
            model_settings=ModelSettings(tool_choice="required"),
        )
        result = await Runner.run(agent, "How much are three nights at your hotel?")
        return str(result.final_output)
