"""The workflow hangs after the model calls a tool with arguments that do not fit its schema.

Cause: `activity_as_tool` validates the arguments in workflow code, and does not catch pydantic's
ValidationError. Temporal treats that as a bug: the workflow *task* fails, and the server retries it
forever, with the same arguments from history.

Cure: `activity_tool` reports to the model what is wrong with the arguments, without calling the
activity. The model can correct them, and the run continues.
"""

from durable_agents import activity_tool

from datetime import timedelta

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

GROUP = "Hangs"
FIRST_FAULT = "wrong_arguments"
QUESTION = "What is the forecast for Oslo?"
NAIVE = r"still running .*: its workflow task fails .* ValidationError: .* valid string .*"
DURABLE = r"completed: .* get_forecast was not called: arguments.city: .* valid string.*"
CURE = "durable_agents/tools.py: activity_tool"
TEST = "tests/durable_agents/test_tools.py"


@activity.defn
async def get_forecast(city: str) -> str:
    """Return the forecast for a city."""
    return f"Sunny in {city}."


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
