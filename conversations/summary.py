"""The summary of a chat that has ended."""

from durable_agents import RUN_ERRORS
from durable_agents.deadlines import time_limit

from agents import Agent, Runner
from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

from conversations.limits import MAX_SUMMARY_LENGTH, SUMMARY_TIMEOUT
from conversations.models import ChatState


async def summarize(state: ChatState) -> str:
    """Return the model's summary; a fixed one if it writes none within a minute."""
    if not state.turns:
        return "Nothing was said."
    writer = Agent(
        name="Summary writer",
        instructions="""
            Sum up this chat between a user and an assistant in one sentence.
        """,
    )
    text = "\n".join(f"{message.role}: {message.text}" for message in state.messages())
    try:
        async with time_limit(SUMMARY_TIMEOUT):
            summary = (await Runner.run(writer, text)).final_output_as(str)
    except (*RUN_ERRORS, TimeoutError) as error:
        if is_cancelled_exception(error):
            raise
        workflow.logger.warning("No summary: %s", error)
        return f"Messages answered: {state.turns}."
    return summary[:MAX_SUMMARY_LENGTH]
