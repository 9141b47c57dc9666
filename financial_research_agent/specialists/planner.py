"""Plans which searches a financial report needs."""

from agents import Agent

from financial_research_agent.models import FinancialSearchPlan


def planner() -> Agent[None]:
    """Return the agent that answers with a `FinancialSearchPlan`."""
    return Agent(
        name="Planner",
        instructions="""
            Plan web searches for a financial analysis: recent filings, results, earnings
            calls, industry news, competitors.
            Plan five to twenty: as many as the user asks for, otherwise as few as are needed.
            Each search covers a different aspect.
        """,
        output_type=FinancialSearchPlan,
    )
