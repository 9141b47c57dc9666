"""Routing: a triage agent hands the conversation off to a specialist."""

from durable_agents import require_text

from agents import Agent, Runner
from temporalio import workflow

LANGUAGES = ("French", "Spanish", "English")


@workflow.defn
class RoutingWorkflow:
    """Answers in the language of the question, if there is a specialist for it."""

    @workflow.run
    async def run(self, msg: str) -> str:
        """Return the answer, prefixed with the name of the agent that gave it.

        Raises:
            InvalidInput: The message is empty.
        """
        require_text(msg, "msg")
        specialists = [
            Agent(
                name=f"{language} agent",
                instructions=f"Answer in {language}, the only language you speak.",
                handoff_description=f"Answers messages that are written in {language}.",
            )
            for language in LANGUAGES
        ]
        # Without the last two sentences, models hand off every message.
        triage = Agent(
            name="Triage agent",
            instructions=f"""
                Hand off to the agent that speaks the language of the user's message.
                If there is none, do not hand off and do not answer the question.
                Say politely which languages are spoken here: {", ".join(LANGUAGES)}.
            """,
            handoffs=[*specialists],
        )
        result = await Runner.run(triage, msg)
        return f"{result.last_agent.name}: {result.final_output_as(str)}"
