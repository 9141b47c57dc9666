"""The analysts: agents that the writer calls as tools, for fundamentals and for risks."""

from agents import Agent, RunContextWrapper, RunResult, Tool
from agents.result import RunResultStreaming

from financial_research_agent.models import AnalysisSummary
from research_bot.causes import cause_of
from research_bot.reports import cut

MAX_ANALYSIS_LENGTH = 6_000  # characters


def analysts() -> list[Tool]:
    """Return the tools. Each is a run of its own in the workflow; its model calls are activities.

    An analyst that fails does not end the report: the writer is told why, and goes on without.
    """
    subjects = {
        "fundamentals": "revenue, profit, margins, growth, and what drives them",
        "risk": "competition, regulation, supply chains, debt, and what else may go wrong",
    }
    return [
        Agent(
            name=f"{name.capitalize()} analyst",
            instructions=f"""
                You are a financial analyst for {name}: {subject}.
                Analyse what you are given, and nothing else. Two paragraphs at most.
            """,
            output_type=AnalysisSummary,
        ).as_tool(
            tool_name=f"{name}_analysis",
            tool_description=f"Get a short analysis of {subject}. Pass it the findings it needs.",
            custom_output_extractor=summary_of,
            max_turns=2,
            failure_error_function=tell,
        )
        for name, subject in subjects.items()
    ]


async def summary_of(result: RunResult | RunResultStreaming) -> str:
    """Return what the writer reads of an analyst's run: the text, rather than JSON around it."""
    return cut(result.final_output_as(AnalysisSummary).summary, MAX_ANALYSIS_LENGTH)


def tell(context: RunContextWrapper[None], error: Exception) -> str:
    """Return what the writer reads when an analyst's run failed."""
    return f"The analyst failed: {cause_of(error)}. Write the report without this analysis."
