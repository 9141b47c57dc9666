"""The workflow hangs after the model writes half an emoji (UnicodeEncodeError: surrogates).

Cause: JSON can escape an emoji as two surrogates. If the model writes only the first one, Python
parses the text but cannot encode it as UTF-8. The Agents SDK hashes the arguments of each call in
workflow code, which raises UnicodeEncodeError: the workflow *task* fails, and the server retries it
forever.

Cure: `connect()` replaces lone surrogates with U+FFFD on the worker, before workflow code reads the
answer. One character is lost, and the run continues. The workflow's code stays the same.
"""

from datetime import timedelta

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

GROUP = "Hangs"
FIRST_FAULT = "escaped_surrogate_arguments"
QUESTION = "What is the forecast for Oslo?"
NAIVE = r"still running .*: its workflow task fails .* UnicodeEncodeError: .* surrogates .*"
DURABLE = r"completed: .* Sunny in Tokyo \ufffd.*"
CURE = "durable_agents/responses.py: validate_response"
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
