"""The workflow hangs once the agent exceeds max_turns (MaxTurnsExceeded).

Cause: The Agents SDK raises MaxTurnsExceeded in workflow code. The plugin declares only its own
AgentsWorkflowError a workflow failure, so the workflow *task* fails, and the server retries it
forever. The limit stops the spending, but the caller waits, and sees no error.

Cure: `connect()` declares AgentsException a workflow failure, so the run fails with
MaxTurnsExceeded, which the caller can handle. The workflow's code stays the same.
"""

from datetime import timedelta

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

GROUP = "Hangs"
FAULT = "tool_loop"
QUESTION = "What is the forecast for Oslo?"
NAIVE = r"still running .*: its workflow task fails .* MaxTurnsExceeded: Max turns \(3\) exceeded"
DURABLE = r"failed: MaxTurnsExceeded: Max turns \(3\) exceeded"
CURE = "durable_agents/plugin.py: workflow_failure_exception_types"
TEST = "tests/test_never_stuck.py"


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
        result = await Runner.run(agent, question, max_turns=3)
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
        result = await Runner.run(agent, question, max_turns=3)
        return result.final_output_as(str)
