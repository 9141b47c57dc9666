"""The workflow hangs after the model calls a tool with deeply nested JSON (RecursionError).

Cause: A model that keeps repeating a bracket produces arguments that `json.loads` cannot parse. The
Agents SDK parses them in workflow code, where RecursionError fails the workflow *task*: the server
retries it forever, with the same arguments from history.

Cure: `connect()` validates each answer on the worker, before workflow code reads it. JSON nested
more than 64 levels deep fails the model call, and the run, with ModelBehaviorError after one call.
The workflow's code stays the same.
"""

from datetime import timedelta

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

GROUP = "Hangs"
FAULT = "deep_arguments"
QUESTION = "What is the forecast for Oslo?"
NAIVE = r"still running .*: its workflow task fails .* RecursionError: maximum recursion depth .*"
DURABLE = r"failed: ModelBehaviorError: The model's response .* nested more than 64 levels deep"
CURE = "durable_agents/responses.py: _validate_json"
TEST = "tests/durable_agents/test_responses.py"


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
            tools=[activity_as_tool(get_forecast, start_to_close_timeout=timedelta(seconds=5))],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
