"""The agent of this topic: answers questions about tides with one tool."""

from durable_agents import activity_tool

from datetime import timedelta

from agents import Agent
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from tracing.activities.tides import get_high_waters


def pilot() -> Agent[None]:
    """Return the agent, with the tide table as its tool."""
    return Agent(
        name="Pilot",
        instructions="""
            You are a harbor pilot. Answer questions about high water from the tide table.
            If a harbor is not in it, say so.
        """,
        tools=[activity_tool(get_high_waters, start_to_close_timeout=timedelta(seconds=10))],
    )
