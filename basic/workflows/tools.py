"""Two kinds of tools: what does I/O runs as an activity, what computes runs in the workflow.

`get_weather` reads a file, so it is an activity: recorded in history, retried by Temporal, run on
any worker. `to_fahrenheit` only computes, so it stays an ordinary function tool: it runs again on
each replay, costs nothing, and must not touch clocks, networks or disks. It is `async def`,
though it awaits nothing: the Agents SDK runs plain functions on a thread, and a workflow has none.

`activity_tool` is `activity_as_tool` of the agents plugin with one difference: when the activity
fails for good, or the model calls it with wrong arguments, the model is told so and answers,
instead of the whole workflow failing.
"""

from durable_agents import InvalidInput, activity_tool

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
        if not question.strip():
            raise InvalidInput("question is empty: ask about the weather of a city")
        agent = Agent(
            name="Weather assistant",
            instructions="""
                Answer questions about the weather with the help of your tools.
                When a tool fails, say what is missing.
            """,
            tools=[
                # Reading a file takes no time: a call lost with its worker is soon made again.
                activity_tool(get_weather, start_to_close_timeout=timedelta(seconds=5)),
                function_tool(to_fahrenheit),
            ],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
