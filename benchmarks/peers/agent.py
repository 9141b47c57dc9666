"""The agent that every system runs: two model calls and one tool call."""

from agents import Agent, Tool, set_default_openai_client, set_trace_processors
from openai import AsyncOpenAI

INSTRUCTIONS = "Answer questions about the weather with the help of your tools."


def question(run: str) -> str:
    """Return what a run asks. It names the run, so the model server can count the run's calls."""
    return f"What is the weather in Tokyo? (run {run})"


async def get_weather(city: str) -> str:
    """Get the weather of a city.

    Args:
        city: The name of the city.
    """
    return f"{city}: sunny, 21 °C"


def weather_agent(tool: Tool) -> Agent[None]:
    """Return the agent, with `get_weather` as the kind of tool that a system needs."""
    return Agent(name="Weather", instructions=INSTRUCTIONS, tools=[tool])


def share_client(kind: type[AsyncOpenAI] = AsyncOpenAI) -> None:
    """Use one model client in this process, and send no traces, as `connect()` does."""
    set_default_openai_client(kind(max_retries=0))
    set_trace_processors([])
