"""A handoff with an input filter: the next agent sees the last turns only, and no tool calls."""

from durable_agents import InvalidInput

from typing import cast

from agents import Agent, HandoffInputData, Runner, TResponseInputItem, function_tool, handoff
from agents.extensions import handoff_filters
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from handoffs.models import Message, MessageFilterResult

KEPT_TURNS = 2


async def draw_lot(highest: int) -> int:
    """Draw a lot: a number from 1 to `highest`."""
    return workflow.random().randint(1, highest)


def last_turns(data: HandoffInputData) -> HandoffInputData:
    """Keep the last turns, without tool calls: less to pay for, less to tell a third party."""
    data = handoff_filters.remove_all_tools(data)
    history = data.input_history
    if isinstance(history, str):
        history = ({"role": "user", "content": history},)
    starts = [n for n, item in enumerate(history) if item.get("role") == "user"]
    kept = history[starts[-KEPT_TURNS:][0] :]
    said = [item.to_input_item() for item in (*data.pre_handoff_items, *data.new_items)]
    messages = tuple(as_message(item) for item in (*kept, *said) if "role" in item)
    return data.clone(input_history=messages, pre_handoff_items=(), new_items=(), input_items=())


def as_message(item: TResponseInputItem) -> TResponseInputItem:
    """Return the role and the text of a message, without its id.

    By the id the provider knows the reasoning behind an answer. The filter has dropped that, and
    the API refuses the one without the other.
    """
    return cast(TResponseInputItem, Message.model_validate(item).model_dump())


@workflow.defn
class MessageFilterWorkflow:
    """Talks in English, then hands over to an agent that speaks Spanish."""

    @workflow.run
    async def run(self, user_name: str = "Sora") -> MessageFilterResult:
        """Return the Spanish agent's answer, and the conversation as that agent had it.

        Raises:
            InvalidInput: The name is empty.
        """
        if not user_name.strip():
            raise InvalidInput("user_name is empty: say who is talking")
        spanish = Agent(name="Spanish agent", instructions="You only speak Spanish.")
        assistant = Agent(
            name="Assistant",
            instructions="Be concise. When the user speaks Spanish, hand off to the Spanish agent.",
            tools=[function_tool(draw_lot)],
            handoffs=[handoff(spanish, input_filter=last_turns)],
        )
        conversation: list[TResponseInputItem] = []
        for text in (
            f"Hi, my name is {user_name}.",
            "I live in New York City.",
            "Draw a lot from 1 to 100 for me.",
            "Por favor, habla en español. ¿Cómo me llamo, y qué número me tocó?",
        ):
            message: TResponseInputItem = {"role": "user", "content": text}
            result = await Runner.run(assistant, [*conversation, message])
            conversation = result.to_input_list(mode="normalized")
        messages = [Message.model_validate(item) for item in conversation if "role" in item]
        return MessageFilterResult(
            final_output=result.final_output_as(str), final_messages=messages
        )
