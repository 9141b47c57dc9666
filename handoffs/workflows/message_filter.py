"""A handoff with an input filter: the next agent sees only the last turns, and no tool calls."""

from durable_agents import require_text

from agents import Agent, HandoffInputData, Runner, TResponseInputItem, function_tool, handoff
from agents.extensions import handoff_filters
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from handoffs.models import MessageFilterResult, messages_of

KEPT_TURNS = 2


async def draw_lot(highest: int) -> int:
    """Draw a random number from 1 to `highest`."""
    return workflow.random().randint(1, highest)


def keep_last_turns(data: HandoffInputData) -> HandoffInputData:
    """Keep the last turns, without tool calls and without message ids.

    The id of an answer refers to its reasoning at the provider. The filter removes reasoning items,
    and the API rejects such an id without them.
    """
    data = handoff_filters.remove_all_tools(data)
    history = data.input_history
    if isinstance(history, str):
        history = ({"role": "user", "content": history},)
    starts = [n for n, item in enumerate(history) if item.get("role") == "user"]
    kept = history[starts[-KEPT_TURNS:][0] :]
    current = [item.to_input_item() for item in (*data.pre_handoff_items, *data.new_items)]
    messages = tuple(message.to_input_item() for message in messages_of([*kept, *current]))
    return data.clone(input_history=messages, pre_handoff_items=(), new_items=(), input_items=())


@workflow.defn
class MessageFilterWorkflow:
    """Chats in English, then hands off to an agent that speaks Spanish."""

    @workflow.run
    async def run(self, user_name: str = "Sora") -> MessageFilterResult:
        """Return the Spanish agent's answer, and the conversation as that agent saw it.

        Raises:
            InvalidInput: The name is empty.
        """
        require_text(user_name, "user_name")
        spanish = Agent(name="Spanish agent", instructions="You only speak Spanish.")
        assistant = Agent(
            name="Assistant",
            instructions="Be concise. When the user speaks Spanish, hand off to the Spanish agent.",
            tools=[function_tool(draw_lot)],
            handoffs=[handoff(spanish, input_filter=keep_last_turns)],
        )
        conversation: list[TResponseInputItem] = []
        for text in (
            f"Hi, my name is {user_name}.",
            "I live in New York City.",
            "Draw a number from 1 to 100 for me.",
            "Por favor, habla en español. ¿Cómo me llamo, y qué número me tocó?",
        ):
            message: TResponseInputItem = {"role": "user", "content": text}
            result = await Runner.run(assistant, [*conversation, message])
            conversation = result.to_input_list(mode="normalized")
        return MessageFilterResult(
            final_output=result.final_output_as(str), final_messages=messages_of(conversation)
        )
