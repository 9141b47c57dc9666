"""Two kinds of tools: an activity for I/O, and a function that computes in the workflow.

`get_weather` reads a file, so it is an activity: Temporal retries it and records its result.
`to_fahrenheit` only computes, so it is a function tool. It runs again on each replay, and must not
use the clock, network, or disk. It must be `async def`: the Agents SDK runs synchronous functions
on a thread, and workflow code must not use threads.

`activity_tool` differs from the plugin's `activity_as_tool` in how it fails: after three attempts
by default, or at once on a permanent error or invalid arguments, the model receives the error and
can respond. `activity_as_tool` retries transient errors indefinitely; the others fail the workflow.
"""

from durable_agents import activity_tool, require_text

from datetime import timedelta

from agents import Agent, Runner, function_tool
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from basic.activities.weather import get_weather


async def to_fahrenheit(celsius: float) -> str:
    """Convert a temperature from degrees Celsius to degrees Fahrenheit."""
    return f"{celsius * 9 / 5 + 32:.0f} °F"


@workflow.defn
class ToolsWorkflow:
    """Answers questions about the weather."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the agent's answer to `question`.

        Raises:
            InvalidInput: The question is empty.
        """
        require_text(question, "question")
        agent = Agent(
            name="Weather assistant",
            instructions="""
                Answer questions about the weather with the help of your tools.
                When a tool fails, say what is missing.
            """,
            tools=[
                # Reading the file is fast, so a short timeout detects a lost call quickly.
                activity_tool(get_weather, start_to_close_timeout=timedelta(seconds=5)),
                function_tool(to_fahrenheit),
            ],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
