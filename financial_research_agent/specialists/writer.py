"""The writer: one report from all findings, with the help of two analysts."""

from agents import Agent

from financial_research_agent.models import FinancialReportData
from financial_research_agent.specialists.analysts import analysts


def writer() -> Agent[None]:
    """Return the agent that answers with a `FinancialReportData`."""
    return Agent(
        name="Writer",
        instructions="""
            Write a financial report that answers the question, from the findings alone.
            Have fundamentals and risks analysed by your tools, and weave in what they say.
            Markdown, with a headline and sections; keep the links of the findings where you use
            them. Do not list the sources again at the end: that is done for you.
            When a verifier lists what is wrong with a report of yours, write the whole report
            again with that mended. What no finding supports, leave out.
        """,
        tools=analysts(),
        output_type=FinancialReportData,
    )
