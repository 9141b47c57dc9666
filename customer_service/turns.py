"""Parts of a conversation's turns: what the agent is doing, and the lines that are shown of it."""

from agents import (
    Agent,
    HandoffOutputItem,
    ItemHelpers,
    MessageOutputItem,
    RunContextWrapper,
    RunHooks,
    RunItem,
    Tool,
    ToolCallItem,
    TResponseInputItem,
)
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from customer_service.models import AirlineContext, ConversationState, Status
    from customer_service.rules import TurnStopped

Passenger = RunContextWrapper[AirlineContext]


class Doing(RunHooks[AirlineContext]):
    """Notes who is doing what: queries tell it while a turn goes on.

    Attributes:
        stopped: Whether the turn has been stopped: no other model call is made.
    """

    def __init__(self) -> None:
        self.agent = ""
        self.what = ""
        self.stopped = False

    def nothing(self) -> None:
        """Note that nothing goes on."""
        self.agent = self.what = ""
        self.stopped = False

    def status(self, state: ConversationState, *, ended: bool) -> Status:
        """Return it together with what is known of the conversation."""
        return Status(
            agent=self.agent or state.agent,
            doing=self.what,
            chat_length=len(state.history),
            escalated=state.context.escalated,
            ended=ended,
        )

    async def on_llm_start(
        self,
        context: Passenger,
        agent: Agent[AirlineContext],
        system_prompt: str | None,
        input_items: list[TResponseInputItem],
    ) -> None:
        """Note that an agent thinks.

        Raises:
            TurnStopped: A tool has turned the cancellation into a result.
        """
        if self.stopped:
            raise TurnStopped
        self.agent, self.what = agent.name, "is thinking"

    async def on_tool_start(
        self, context: Passenger, agent: Agent[AirlineContext], tool: Tool
    ) -> None:
        """Note that an agent uses a tool."""
        self.agent, self.what = agent.name, f"is using {tool.name}"


def lines_of(items: list[RunItem]) -> list[str]:
    """Return what a person is shown of a turn: messages, tools, and who took over."""
    lines = []
    for item in items:
        match item:
            case MessageOutputItem():
                lines.append(f"{item.agent.name}: {ItemHelpers.text_message_output(item)}")
            case ToolCallItem():
                lines.append(f"({item.agent.name} uses {item.tool_name})")
            case HandoffOutputItem():
                lines.append(f"({item.source_agent.name} hands over to {item.target_agent.name})")
            case _:
                pass
    return lines


def update_id() -> str:
    """Return the id that the client gave the update which is being handled."""
    info = workflow.current_update_info()
    return info.id if info else ""
