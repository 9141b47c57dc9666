"""Lines, status and summary of a conversation, as people see them."""

import asyncio

from agents import (
    Agent,
    HandoffOutputItem,
    ItemHelpers,
    MessageOutputItem,
    RunContextWrapper,
    RunHooks,
    RunItem,
    Runner,
    Tool,
    ToolCallItem,
)
from pydantic_core import to_json
from temporalio import workflow

from customer_service.errors import TurnStopped
from customer_service.limits import MAX_CONTEXT_BYTES, MAX_SUMMARY_LENGTH
from customer_service.models import AirlineContext, ConversationResult, ConversationState

Passenger = RunContextWrapper[AirlineContext]

SUMMARY_TIMEOUT = 60.0  # seconds; `end_conversation` waits for the summary


class StatusHooks(RunHooks[AirlineContext]):
    """Tracks what an agent is doing: `Runner.run(hooks=...)`.

    Attributes:
        agent, doing: The agent and its activity; empty between turns.
        stopped: Whether the turn was stopped and must make no more model calls.
    """

    agent = doing = ""
    stopped = False

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


def lines_of(items: list[RunItem]) -> list[str]:
    """Return a turn's messages, tool calls and handoffs, a line each."""
    lines = []
    for item in items:
        match item:
            case MessageOutputItem():
                lines.append(f"{item.agent.name}: {ItemHelpers.text_message_output(item)}")
            case ToolCallItem():
                lines.append(f"({item.agent.name} uses {item.tool_name})")
            case HandoffOutputItem():
                lines.append(f"({item.source_agent.name} hands off to {item.target_agent.name})")
            case _:
                pass
    return lines


async def summarize(state: ConversationState) -> ConversationResult:
    """Return the outcome of a conversation, with a fixed summary if the model writes none."""
    summary = await _write_summary(state) if state.history else "No messages were exchanged."
    return ConversationResult(summary=summary, turns=state.turns, escalated=state.context.escalated)


async def _write_summary(state: ConversationState) -> str:
    writer: Agent[AirlineContext] = Agent(
        name="Summary writer",
        instructions="""
            Sum up in one or two sentences what an airline's customer wanted in this conversation,
            and the outcome.
        """,
    )
    text = "\n".join(state.history).encode()[-MAX_CONTEXT_BYTES:].decode(errors="ignore")
    writing = asyncio.create_task(Runner.run(writer, text, context=state.context))
    try:
        await workflow.wait([writing], timeout=SUMMARY_TIMEOUT)
    finally:
        writing.cancel()  # no effect if it is done
    try:
        summary = (await writing).final_output_as(str)[:MAX_SUMMARY_LENGTH]
        to_json(summary)  # raises for text that no payload can hold
        return summary
    except (Exception, asyncio.CancelledError) as error:
        workflow.logger.warning("No summary: %s", error)
    return f"Messages answered: {state.turns}."
