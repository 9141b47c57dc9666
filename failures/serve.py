"""Run the worker of a version in its own process, which a failure can kill: NAME naive|durable."""

from durable_agents import run

import asyncio
from importlib import import_module

from agents import set_tracing_disabled

from failures.play import activities_of
from failures.stage import Version, open_stage


async def main(name: str, version: Version) -> None:
    """Run the worker until it is killed; print a line once it polls."""
    set_tracing_disabled(True)
    failure = import_module(f"failures.workflows.{name}")
    workflow = failure.Durable if version == "durable" else failure.Naive
    stage = await open_stage(name, version, workflow, activities_of(failure, workflow))
    async with stage.worker():
        print("polls", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    run(main)
