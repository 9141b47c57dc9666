"""Builds the analysts: agents that the writer calls as tools, for fundamentals and for risks."""

from agents import Agent, RunContextWrapper, RunResult, Tool
from agents.result import RunResultStreaming

from financial_research_agent.models import AnalysisSummary
from research_bot.pipeline.errors import describe_error
from research_bot.pipeline.models import truncate

MAX_ANALYSIS_LENGTH = 6_000  # characters


def analysts() -> list[Tool]:
    """Return the tools. Each call is an agent run in the workflow; its model calls are activities.

    A failed analyst does not fail the report: the writer receives the cause and continues.
    """
    subjects = {
        "fundamentals": "revenue, profit, margins, growth, and what drives them",
        "risk": "competition, regulation, supply chains, debt, and other risks",
    }
    return [
        Agent(
            name=f"{name.capitalize()} analyst",
            instructions=f"""
                You are a financial analyst for {name}: {subject}.
                Analyze only what you are given. Write two paragraphs at most.
            """,
            output_type=AnalysisSummary,
        ).as_tool(
            tool_name=f"{name}_analysis",
            tool_description=f"Get a short analysis of {subject}. Pass it the findings it needs.",
            custom_output_extractor=summary_text,
            max_turns=2,
            failure_error_function=describe_failure,
        )
        for name, subject in subjects.items()
    ]


async def summary_text(result: RunResult | RunResultStreaming) -> str:
    """Return the text of the analysis, without the JSON around it."""
    return truncate(result.final_output_as(AnalysisSummary).summary, MAX_ANALYSIS_LENGTH)


def describe_failure(context: RunContextWrapper[None], error: Exception) -> str:
    """Return the tool output for a failed analyst."""
    return f"The analyst failed: {describe_error(error)}. Write the report without this analysis."
