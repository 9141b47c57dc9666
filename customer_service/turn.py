"""One turn of a conversation: runs the agents, and returns the state with its lines."""

from durable_agents.messages import following, model_input_of

import asyncio

from agents import Agent, RunContextWrapper, RunHooks, Runner, Tool

from customer_service.airline_agents import build_agents
from customer_service.errors import TurnStopped
from customer_service.models import AirlineContext, ConversationState
from customer_service.transcript import lines_of

Passenger = RunContextWrapper[AirlineContext]


class Turn(RunHooks[AirlineContext]):
    """A turn in flight: answers one message, on a copy of the context.

    Attributes:
        agent, doing: The agent and its activity.
        stopped: Whether the turn was stopped and must make no more model calls.
    """

    def __init__(self, state: ConversationState, text: str) -> None:
        self.agent, self.doing, self.stopped = state.agent, "", False
        self._state, self._text = state, text
        self._context = state.context.model_copy()
        self._running = asyncio.create_task(self._run())

    async def answer(self) -> ConversationState:
        """Return the state with the lines of this turn."""
        return await self._running

    def stop(self) -> bool:
        """Cancel the turn; return whether it was still running."""
        if self._running.done():
            return False
        self.stopped = True
        return self._running.cancel()

    def escalated_context(self) -> AirlineContext:
        """Return the context as it was before the turn, but escalated if it is now."""
        escalation = self._context.model_dump(include={"escalated", "notified"})
        return self._state.context.model_copy(update=escalation)

    async def on_llm_start(
        self, context: Passenger, agent: Agent[AirlineContext], *_: object
    ) -> None:
        """Record a model call; raise `TurnStopped` if a tool swallowed the cancellation."""
        if self.stopped:
            raise TurnStopped("stopped before a model call")
        self.agent, self.doing = agent.name, "is thinking"

    async def on_tool_start(
        self, context: Passenger, agent: Agent[AirlineContext], tool: Tool
    ) -> None:
        """Record a tool call."""
        self.agent, self.doing = agent.name, f"is using {tool.name}"

    async def _run(self) -> ConversationState:
        agents, state = build_agents(), self._state
        agent = agents.get(state.agent) or next(iter(agents.values()))
        result = await Runner.run(
            agent,
            self._text,
            context=self._context,
            hooks=self,
            run_config=following(state.items),
        )
        return state.with_turn(
            [f"User: {self._text}", *lines_of(result.new_items)],
            [*state.items, *model_input_of(result)],
            context=self._context,
            agent=result.last_agent.name,
            turns=state.turns + 1,
        )
