"""The workflow hangs after the model calls a tool that does not exist.

Cause: The Agents SDK raises ModelBehaviorError in workflow code. The plugin declares only its own
AgentsWorkflowError a workflow failure, so this exception fails the workflow *task*, which the
server retries forever: the caller waits, and sees no error.

Cure: `connect()` declares AgentsException a workflow failure, so the run fails at once, with the
type and the message.
"""

from durable_agents import activity_tool

from datetime import timedelta

from agents import Agent, Runner
from temporalio import activity, workflow
from temporalio.openai_agents.workflow import activity_as_tool

GROUP = "Hangs"
FAULT = "unknown_tool"
QUESTION = "What is the weather in Oslo?"
NAIVE = r"still running .*: its workflow task fails .* ModelBehaviorError: Tool .* not found .*"
DURABLE = r"failed: ModelBehaviorError: Tool .* not found in agent .*"
CURE = "durable_agents/plugin.py: workflow_failure_exception_types"
TEST = "tests/test_never_stuck.py"


@activity.defn
async def get_weather(city: str) -> str:
    """Return the weather in a city."""
    return f"Sunny in {city}."


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent(
            name="Weather assistant",
            instructions="Answer questions about the weather.",
            tools=[activity_as_tool(get_weather, start_to_close_timeout=timedelta(seconds=5))],
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
            tools=[activity_tool(get_weather, start_to_close_timeout=timedelta(seconds=5))],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
