"""Forced tool use: require a tool call, and choose whether its result returns to the model."""

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
    """Compute the price of a stay."""
    return Quote(nights=nights, euros=120 * nights)


async def say_price(
    context: RunContextWrapper[None], results: list[FunctionToolResult]
) -> ToolsToFinalOutputResult:
    """Format the answer in code, so that no model can change the price."""
    quote = results[0].output
    if not isinstance(quote, Quote):  # an error message: the model can try again
        return ToolsToFinalOutputResult(is_final_output=False)
    answer = f"{quote.nights} nights are {quote.euros}.00 EUR, breakfast included."
    return ToolsToFinalOutputResult(is_final_output=True, final_output=answer)


Behavior = Literal["run_llm_again", "stop_on_first_tool"] | ToolsToFinalOutputFunction[None]
BEHAVIORS: dict[str, Behavior] = {
    "default": "run_llm_again",  # the model answers from the result
    "first_tool": "stop_on_first_tool",  # the raw result is the answer
    "custom": say_price,  # code formats the answer
}


@workflow.defn
class ForcingToolUseWorkflow:
    """Answers with the price of a stay."""

    @workflow.run
    async def run(self, tool_use_behavior: str = "default") -> str:
        """Return the price of three nights, as `tool_use_behavior` formats it.

        Raises:
            InvalidInput: The behavior is unknown.
        """
        if tool_use_behavior not in BEHAVIORS:
            known = ", ".join(BEHAVIORS)
            raise InvalidInput(f"tool_use_behavior is {tool_use_behavior!r}; choose one of {known}")
        agent = Agent[None](
            name="Hotel agent",
            instructions="You are a hotel receptionist.",
            tools=[function_tool(quote_price)],
            tool_use_behavior=BEHAVIORS[tool_use_behavior],
            # Without this, the model could make up a price. The SDK resets the choice to "auto"
            # after the first call; otherwise the run would never finish.
            model_settings=ModelSettings(tool_choice="required"),
        )
        result = await Runner.run(agent, "How much are three nights at your hotel?")
        return str(result.final_output)
