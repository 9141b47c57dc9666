"""Models that play long turns, and check what they receive."""

from collections.abc import Callable
from typing import Any

from agents import Model, ModelProvider, ModelResponse, TResponseInputItem, Usage
from agents.items import TResponseOutputItem
from agents.testing import assistant_message, function_call

from tests.harness.models import UnstreamedModel

TOKENS_PER_CALL = 11

Items = list[Any]


class PlayedModel(ModelProvider, UnstreamedModel):
    """A model whose answers are computed from the tools that it may call and the conversation.

    Args:
        play: Returns the output items, from the names of tools and the items.
    """

    def __init__(self, play: Callable[[set[str], Items], list[TResponseOutputItem]]) -> None:
        self._play = play
        self.requests = 0
        self.unpaired: list[str] = []
        """The ids of tool calls that were sent without a result, or twice."""

    def get_model(self, model_name: str | None) -> Model:
        return self

    async def get_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],
        model_settings: Any,
        tools: list[Any],
        output_schema: Any,
        handoffs: list[Any],
        *args: Any,
        **kwargs: Any,
    ) -> ModelResponse:
        self.requests += 1
        items: Items = [*input] if isinstance(input, list) else []
        calls, results = ids(items, "function_call"), ids(items, "function_call_output")
        self.unpaired += set(calls) ^ set(results)
        self.unpaired += [id for id in calls if calls.count(id) > 1]
        names = {tool.name for tool in tools} | {handoff.tool_name for handoff in handoffs}
        usage = Usage(requests=1, input_tokens=10, output_tokens=1, total_tokens=TOKENS_PER_CALL)
        return ModelResponse(output=self._play(names, items), usage=usage, response_id=None)


def ids(items: Items, kind: str) -> list[str]:
    """Return the call ids of the items of a type."""
    return [item["call_id"] for item in items if item.get("type") == kind]


def inspection(reports: int) -> Callable[[set[str], Items], list[TResponseOutputItem]]:
    """Return the play of all agents of an inspection; two reports are read at once at times."""

    def play(tools: set[str], items: Items) -> list[TResponseOutputItem]:
        done = ids(items, "function_call_output")
        if "transfer_to_inspector" in tools:
            return [function_call("transfer_to_inspector", {}, call_id="handoff")]
        if "look_up_load" in tools:
            question = str(items[0]["content"])
            load = function_call("look_up_load", {"number": int(question)}, call_id="load")
            return [assistant_message("20 t")] if done else [load]
        read = [int(id.removeprefix("read-")) for id in done if id.startswith("read-")]
        last = max(read, default=0)
        if last and last % 7 == 0 and f"note-{last}" not in done:
            ask = {"input": str(last)}
            return [
                function_call("note_urgent", {"number": last}, call_id=f"note-{last}"),
                function_call("ask_engineer", ask, call_id=f"ask-{last}"),
            ]
        if last >= reports:
            return [assistant_message(f"{len(read)} reports.")]
        both = (last + 1) % 7 and last + 2 <= reports
        numbers = range(last + 1, last + (3 if both else 2))
        return [function_call("read_report", {"number": n}, call_id=f"read-{n}") for n in numbers]

    return play
