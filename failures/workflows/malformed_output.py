"""The workflow hangs after the model's structured output is not valid JSON.

Cause: The Agents SDK parses structured output in workflow code, and raises ModelBehaviorError if it
does not fit the output type. The plugin does not declare that a workflow failure, so the workflow
*task* fails, and the server retries it forever, with the same answer from history.

Cure: `connect()` declares AgentsException a workflow failure, so the run fails at once, and the
caller can start another one. The workflow's code stays the same.
"""

from agents import Agent, Runner
from pydantic import BaseModel
from temporalio import workflow

GROUP = "Hangs"
FAULT = "malformed_output"
QUESTION = "What is the weather in Oslo?"
NAIVE = r"still running .*: its workflow task fails .* ModelBehaviorError: Invalid JSON .*"
DURABLE = r"failed: ModelBehaviorError: Invalid JSON .*"
CURE = "durable_agents/plugin.py: workflow_failure_exception_types"
TEST = "tests/test_never_stuck.py"


class Forecast(BaseModel):
    city: str
    degrees: int


@workflow.defn
class Naive:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent(
            name="Weather assistant",
            instructions="Answer questions about the weather.",
            output_type=Forecast,
        )
        result = await Runner.run(agent, question)
        forecast = result.final_output_as(Forecast)
        return f"{forecast.degrees} degrees in {forecast.city}"


@workflow.defn
class Durable:
    @workflow.run
    async def run(self, question: str) -> str:
        agent = Agent(
            name="Weather assistant",
            instructions="Answer questions about the weather.",
            output_type=Forecast,
        )
        result = await Runner.run(agent, question)
        forecast = result.final_output_as(Forecast)
        return f"{forecast.degrees} degrees in {forecast.city}"
