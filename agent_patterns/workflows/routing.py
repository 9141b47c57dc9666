"""Triage: one agent hands the conversation over to the specialist for it."""

from durable_agents import InvalidInput

from agents import Agent, Runner
from temporalio import workflow

LANGUAGES = ("French", "Spanish", "English")


@workflow.defn
class RoutingWorkflow:
    """Answers in the language of the question, if somebody here speaks it."""

    @workflow.run
    async def run(self, msg: str) -> str:
        """Return the answer, after the name of the agent that gave it.

        Raises:
            InvalidInput: The message is empty.
        """
        if not msg.strip():
            raise InvalidInput("msg is empty: ask something")
        specialists = [
            Agent(
                name=f"{language} agent",
                instructions=f"Answer in {language}, the only language that you speak.",
                handoff_description=f"Answers messages that are written in {language}.",
            )
            for language in LANGUAGES
        ]
        # Without the last two sentences a model sends everything to somebody.
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
