"""A tool that fails is retried forever, and the agent never hears of it.

Cause: `activity_as_tool` passes no retry policy by default, and the server's default policy has no
limit on attempts. A tool that cannot succeed, such as a lookup of a city without a weather station,
is called again and again, at intervals that grow to 100 seconds.

Cure: `activity_tool` limits a tool to three attempts by default, and then reports the error to the
model, which can answer without the tool or try something else.
"""

from durable_agents import activity_tool

from datetime import timedelta

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

GROUP = "Hangs"
QUESTION = "What is the forecast for Oslo?"
NAIVE = r"still running .*: get_forecast is in attempt \d+ of unlimited, LookupError: .*"
DURABLE = r"completed: .* get_forecast failed: No weather station in Oslo.*"
CURE = "durable_agents/tools.py: activity_tool"
TEST = "tests/durable_agents/test_tools.py"


@activity.defn
async def get_forecast(city: str) -> str:
    """Return the forecast for a city."""
    raise LookupError(f"No weather station in {city}.")


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent(
            name="Weather assistant",
            instructions="Answer questions about the weather.",
            tools=[activity_as_tool(get_forecast, start_to_close_timeout=timedelta(seconds=5))],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent(
            name="Weather assistant",
            instructions="Answer questions about the weather.",
            tools=[activity_tool(get_forecast, start_to_close_timeout=timedelta(seconds=5))],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
