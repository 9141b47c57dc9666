"""Keeps what a turn has produced so far, in case the turn is stopped early."""

from durable_agents.messages import ModelInput

from typing import cast

from agents import Agent, ModelResponse, RunContextWrapper, RunHooks, Tool, TResponseInputItem
from agents.tool_context import ToolContext
from pydantic import JsonValue

OUTCOME_UNKNOWN = "Stopped before it returned. Its outcome is unknown; it may have been done."


class TurnRecorder(RunHooks[None]):
    """Records a run's model responses and tool results: `Runner.run(hooks=recorder)`.

    A run that is cancelled or fails returns nothing, and a session loses its last turn.
    """

    def __init__(self) -> None:
        self._items: ModelInput = []
        self._results: dict[str, str] = {}

    def add(self, item: TResponseInputItem) -> None:
        """Record an item that the model did not produce, such as the user's message."""
        self._items.append(cast("dict[str, JsonValue]", item))

    async def on_llm_end(
        self, context: RunContextWrapper[None], agent: Agent[None], response: ModelResponse
    ) -> None:
        """Record a response."""
        self._items.extend(cast("ModelInput", response.to_input_items()))

    async def on_tool_end(
        self, context: RunContextWrapper[None], agent: Agent[None], tool: Tool, result: object
    ) -> None:
        """Record a tool's result."""
        if isinstance(context, ToolContext):
            self._results[context.tool_call_id] = str(result)

    async def on_handoff(
        self, context: RunContextWrapper[None], from_agent: Agent[None], to_agent: Agent[None]
    ) -> None:
        """Record a handoff, which the model called like a tool."""
        tools = {tool.name for tool in from_agent.tools}
        for item in self._items:
            if item.get("type") == "function_call" and item["name"] not in tools:
                self._results.setdefault(str(item["call_id"]), f"Handed off to {to_agent.name}.")

    def to_input(self) -> list[TResponseInputItem]:
        """Return the items as input for the next run: each call is followed by its result.

        A call that was in flight gets `OUTCOME_UNKNOWN`: models reject a call without a result.
        """
        items: ModelInput = []
        for item in self._items:
            items.append(item)
            if item.get("type") == "function_call":
                call_id = str(item["call_id"])
                output = self._results.get(call_id, OUTCOME_UNKNOWN)
                items.append({"type": "function_call_output", "call_id": call_id, "output": output})
        return cast("list[TResponseInputItem]", items)
