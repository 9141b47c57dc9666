"""The plain Runner: nothing is stored, so a crash loses every run.

With --own-client, it calls the model with this project's client.
"""

from durable_agents.model_calls import OpenAIClient

import asyncio
import sys

from agents import Runner, function_tool
from openai import AsyncOpenAI

from benchmarks.peers.agent import get_weather, question, share_client, weather_agent
from benchmarks.peers.driver import drive

TOOL = function_tool(get_weather)


async def run(id: str) -> None:
    """Run the agent."""
    result = await Runner.run(weather_agent(TOOL), question(id))
    assert result.final_output


if __name__ == "__main__":
    share_client(OpenAIClient if "--own-client" in sys.argv else AsyncOpenAI)
    asyncio.run(drive(run))
