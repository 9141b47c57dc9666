"""What an agent is doing at the moment, for queries to return while a turn is in flight."""

from agents import Agent, RunContextWrapper, RunHooks, Tool, TResponseInputItem

from customer_service.conversation import Conversation
from customer_service.errors import TurnStopped
from customer_service.models import AirlineContext, Status

Passenger = RunContextWrapper[AirlineContext]


class StatusHooks(RunHooks[AirlineContext]):
    """Notes which agent is thinking or using a tool: `Runner.run(hooks=...)`.

    Attributes:
        stopped: Whether the turn has been stopped: it makes no further model call.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Note that no agent is doing anything."""
        self._agent = self._doing = ""
        self.stopped = False

    def status(self, conversation: Conversation) -> Status:
        """Return the status of a conversation."""
        state = conversation.state
        return Status(
            agent=self._agent or state.agent,
            doing=self._doing,
            chat_length=len(state.history),
            escalated=state.context.escalated,
            ended=conversation.ending,
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
        self._agent, self._doing = agent.name, "is thinking"

    async def on_tool_start(
        self, context: Passenger, agent: Agent[AirlineContext], tool: Tool
    ) -> None:
        """Note that an agent uses a tool."""
        self._agent, self._doing = agent.name, f"is using {tool.name}"
