"""Plans which searches answer the question."""

from agents import Agent

from research_bot.models import WebSearchPlan


def planner() -> Agent[None]:
    """Return the agent that answers with a `WebSearchPlan`."""
    return Agent(
        name="Planner",
        instructions="""
            Plan web searches that together answer the user's question.
            Plan five to twenty: as many as the user asks for, otherwise as few as are needed.
            Each search covers a different aspect.
        """,
        output_type=WebSearchPlan,
    )
