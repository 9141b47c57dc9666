"""The same workflow with the agents plugin alone."""

from datetime import timedelta

from agents import Runner
from temporalio import workflow
from temporalio.openai_agents.workflow import activity_as_tool

with workflow.unsafe.imports_passed_through():
    from benchmarks.peers.activities import get_weather
    from benchmarks.peers.agent import weather_agent


@workflow.defn(name="Weather")
class StockWorkflow:
    """Answers a question."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the agent's answer."""
        tool = activity_as_tool(get_weather, start_to_close_timeout=timedelta(seconds=60))
        result = await Runner.run(weather_agent(tool), question)
        return result.final_output_as(str)
