"""A conversation as people see it: its lines, and a summary of its outcome."""

from durable_agents import RUN_ERRORS
from durable_agents.deadlines import time_limit

import asyncio
from datetime import timedelta

from agents import (
    Agent,
    HandoffOutputItem,
    ItemHelpers,
    MessageOutputItem,
    RunItem,
    Runner,
    ToolCallItem,
)
from pydantic_core import to_json
from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

from customer_service.limits import MAX_CONTEXT_BYTES, MAX_SUMMARY_LENGTH
from customer_service.models import AirlineContext, ConversationResult, ConversationState

SUMMARY_TIMEOUT = timedelta(seconds=60)  # `end_conversation` waits for the summary


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
    try:
        async with time_limit(SUMMARY_TIMEOUT):
            result = await Runner.run(writer, text, context=state.context)
        summary = result.final_output_as(str)[:MAX_SUMMARY_LENGTH]
        to_json(summary)  # raises for text that no payload can hold
        return summary
    except (TimeoutError, *RUN_ERRORS) as error:
        if is_cancelled_exception(error):
            raise asyncio.CancelledError from error
        workflow.logger.warning("No summary: %s", error)
    return f"Messages answered: {state.turns}."
