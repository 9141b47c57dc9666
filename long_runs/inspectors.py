"""The agents of a long inspection: a handoff, a nested agent, and a shared context."""

from durable_agents import activity_tool

from agents import Agent, RunContextWrapper, function_tool

from long_runs.activities import look_up_load, read_report
from long_runs.models import Inspection

FIRST_AGENT = "Coordinator"


async def note_urgent(context: RunContextWrapper[Inspection], number: int) -> str:
    """Note that a report is urgent.

    Args:
        context: The inspection.
        number: The number of the report.
    """
    context.context.urgent.append(number)
    return f"Noted: {number}."


def build_agents() -> dict[str, Agent[Inspection]]:
    """Return the agents that a turn can pause at, by name."""
    engineer = Agent[Inspection](
        name="Engineer",
        instructions="Look up the load that the bridge may carry, and state it.",
        tools=[activity_tool(look_up_load)],
    )
    inspector = Agent[Inspection](
        name="Inspector",
        instructions="""
            Read the reports one at a time, in order. If a verdict is urgent, note the report and
            ask the engineer about the bridge before you read the next one. Then sum up.
        """,
        tools=[
            activity_tool(read_report),
            function_tool(note_urgent),
            engineer.as_tool("ask_engineer", "Ask which load the bridge of a report may carry."),
        ],
    )
    coordinator = Agent[Inspection](
        name=FIRST_AGENT,
        instructions="Hand off every inspection to the inspector.",
        handoffs=[inspector],
    )
    return {agent.name: agent for agent in (coordinator, inspector)}
