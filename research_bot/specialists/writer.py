"""Writes one report from all findings."""

from agents import Agent

from research_bot.pipeline.models import ReportData


def writer() -> Agent[None]:
    """Return the agent that answers with a `ReportData`."""
    return Agent(
        name="Writer",
        instructions="""
            Write a research report that answers the question, from the findings alone.
            Use Markdown, with a headline and sections. Keep the links of the findings you use.
            Do not list the sources at the end; they are added for you.
            Say what remains unknown.
        """,
        output_type=ReportData,
    )
