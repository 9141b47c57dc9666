"""This project's workflow: what a sample of this repository looks like."""

from durable_agents import activity_tool

from agents import Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.peers.activities import get_weather
    from benchmarks.peers.agent import weather_agent


@workflow.defn(name="Weather")
class WeatherWorkflow:
    """Answers a question."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the agent's answer."""
        result = await Runner.run(weather_agent(activity_tool(get_weather)), question)
        return result.final_output_as(str)
