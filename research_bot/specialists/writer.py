"""The writer: one report from all findings."""

from agents import Agent

from research_bot.models import ReportData


def writer() -> Agent[None]:
    """Return the agent that answers with a `ReportData`."""
    return Agent(
        name="Writer",
        instructions="""
            Write a research report that answers the question, from the findings alone.
            Markdown, with a headline and sections; keep the links of the findings where you use
            them. Do not list the sources again at the end: that is done for you.
            Say what remains unknown.
        """,
        output_type=ReportData,
    )
