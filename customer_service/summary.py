"""The last words of a conversation: written by a model if it can, and plain if it cannot."""

import asyncio

from agents import Agent, Runner
from pydantic_core import to_json
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from customer_service.limits import MAX_CONTEXT_BYTES
    from customer_service.models import AirlineContext, ConversationResult, ConversationState
    from customer_service.status import StatusHooks

SUMMARY_WITHIN = 60.0
"""Seconds. Whoever ends a conversation waits for this."""

MAX_SUMMARY = 2_000
"""Characters."""


async def summary_of(state: ConversationState, hooks: StatusHooks) -> ConversationResult:
    """Return what a conversation came to, in good time and in any case.

    Raises:
        asyncio.CancelledError: The workflow is cancelled.
    """
    summary = await _written(state, hooks) if state.history else "Nothing was said."
    return ConversationResult(summary=summary, turns=state.turns, escalated=state.context.escalated)


async def _written(state: ConversationState, hooks: StatusHooks) -> str:
    agent: Agent[AirlineContext] = Agent(
        name="Summary writer",
        instructions="""
            Sum up in one or two sentences what an airline's customer wanted in this conversation,
            and what came of it.
        """,
    )
    transcript = "\n".join(state.history).encode()[-MAX_CONTEXT_BYTES:].decode(errors="ignore")
    writing = asyncio.create_task(Runner.run(agent, transcript, context=state.context, hooks=hooks))
    try:
        await workflow.wait([writing], timeout=SUMMARY_WITHIN)
    finally:
        writing.cancel()  # does nothing to one that is done
    try:
        summary = (await writing).final_output_as(str)[:MAX_SUMMARY]
        to_json(summary)  # raises for text that no payload can hold
        return summary
    except (Exception, asyncio.CancelledError) as error:
        workflow.logger.warning("No summary: %s", error)
    return f"{state.turns} messages were answered."
