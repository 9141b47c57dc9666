"""Writes one report from all findings, with two analysts as tools."""

from agents import Agent

from financial_research_agent.models import FinancialReportData
from financial_research_agent.specialists.analysts import analysts


def writer() -> Agent[None]:
    """Return the agent that answers with a `FinancialReportData`."""
    return Agent(
        name="Writer",
        instructions="""
            Write a financial report that answers the question, from the findings alone.
            Call your tools to analyze fundamentals and risks, and include their analyses.
            Use Markdown, with a headline and sections. Keep the links of the findings you use.
            Do not list the sources at the end; they are added for you.
            If a verifier lists issues, fix them and write the whole report again. Leave out what
            no finding supports.
        """,
        tools=analysts(),
        output_type=FinancialReportData,
    )
