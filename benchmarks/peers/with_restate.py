"""Restate: a server that calls this service, and records its steps in a journal."""

import asyncio
import os

import hypercorn.asyncio
import hypercorn.config
import restate
from restate.ext.openai import DurableRunner, durable_function_tool, restate_context

from benchmarks.peers import agent
from benchmarks.peers.driver import READY

SERVICE = restate.Service("weather")


async def get_weather(city: str) -> str:
    """Get the weather of a city.

    Args:
        city: The name of the city.
    """
    return str(await restate_context().run_typed("get weather", agent.get_weather, city=city))


TOOL = durable_function_tool(get_weather)


@SERVICE.handler()
async def answer(_context: restate.Context, text: str) -> str:
    """Return the agent's answer."""
    result = await DurableRunner.run(agent.weather_agent(TOOL), text)
    return str(result.final_output)


def main() -> None:
    """Serve at `RESTATE_SERVICE`."""
    agent.share_client()
    config = hypercorn.config.Config()
    config.bind = [os.environ["RESTATE_SERVICE"]]
    config.accesslog = None
    print(READY, flush=True)
    asyncio.run(hypercorn.asyncio.serve(restate.app([SERVICE]), config))


if __name__ == "__main__":
    main()
