"""The planner: which searches a financial report needs."""

from agents import Agent

from financial_research_agent.models import FinancialSearchPlan


def planner() -> Agent[None]:
    """Return the agent that answers with a `FinancialSearchPlan`."""
    return Agent(
        name="Planner",
        instructions="""
            Plan web searches for a financial analysis: recent filings, results, calls with
            investors, industry news, competitors.
            Five to twenty of them: as many as the user asks for, otherwise as few as will do.
            Each looks into something else.
        """,
        output_type=FinancialSearchPlan,
    )
