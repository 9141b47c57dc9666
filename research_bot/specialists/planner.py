"""The planner: which searches answer the question."""

from agents import Agent

from research_bot.models import WebSearchPlan


def planner() -> Agent[None]:
    """Return the agent that answers with a `WebSearchPlan`."""
    return Agent(
        name="Planner",
        instructions="""
            Plan web searches that together answer the user's question.
            Five to twenty of them: as many as the user asks for, otherwise as few as will do.
            Each looks into something else.
        """,
        output_type=WebSearchPlan,
    )
