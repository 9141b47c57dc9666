"""Keeps what a turn has produced so far, in case the turn is stopped early."""

from typing import Any

from agents import Agent, ModelResponse, RunContextWrapper, RunHooks, Tool, TResponseInputItem
from agents.tool_context import ToolContext

OUTCOME_UNKNOWN = "Stopped before it returned. Its outcome is unknown; it may have been done."


class TurnRecorder(RunHooks[Any]):
    """Records a run's model responses and tool results: `Runner.run(hooks=recorder)`.

    A run that is cancelled or fails returns nothing, and a session loses its last turn.
    """

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._results: dict[str, str] = {}

    async def on_llm_end(
        self, context: RunContextWrapper[Any], agent: Agent[Any], response: ModelResponse
    ) -> None:
        """Record a response."""
        self._items.extend(response.to_input_items())

    async def on_tool_end(
        self, context: RunContextWrapper[Any], agent: Agent[Any], tool: Tool, result: object
    ) -> None:
        """Record a tool's result."""
        if isinstance(context, ToolContext):
            self._results[context.tool_call_id] = str(result)

    async def on_handoff(
        self, context: RunContextWrapper[Any], from_agent: Agent[Any], to_agent: Agent[Any]
    ) -> None:
        """Record a handoff, which the model called like a tool."""
        tools = {tool.name for tool in from_agent.tools}
        for item in self._items:
            if item.get("type") == "function_call" and item["name"] not in tools:
                self._results.setdefault(item["call_id"], f"Handed off to {to_agent.name}.")

    def to_input(self) -> list[TResponseInputItem]:
        """Return the items as input for the next run: each call is followed by its result.

        A call that was in flight gets `OUTCOME_UNKNOWN`: models reject a call without a result.
        """
        items: list[Any] = []
        for item in self._items:
            items.append(item)
            if item.get("type") == "function_call":
                output = self._results.get(item["call_id"], OUTCOME_UNKNOWN)
                result = {"type": "function_call_output", "call_id": item["call_id"]}
                items.append({**result, "output": output})
        return items
