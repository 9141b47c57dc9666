"""Play one version of a failure, and print its outcome as JSON: `play.py NAME naive|durable`."""

from durable_agents import run

import json
import os
import time
from importlib import import_module
from typing import Any

from agents import set_tracing_disabled

from failures.stage import Stage, Version, open_stage
from offline_model.server import OfflineModel


async def play(name: str, version: Version) -> dict[str, object]:
    """Play a version of a failure; return its outcome, duration in seconds, and model calls."""
    failure = import_module(f"failures.workflows.{name}")
    set_tracing_disabled(True)  # the default exporter would contact OpenAI
    with OfflineModel() as model:
        os.environ |= {"OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "offline"}
        workflow = failure.Durable if version == "durable" else failure.Naive
        stage = await open_stage(name, version, workflow, activities_of(failure, workflow), model)
        started = time.monotonic()
        outcome = await getattr(failure, "play", play_once)(stage, failure)
        seconds = time.monotonic() - started
        return {"outcome": outcome, "seconds": round(seconds, 1), "model_calls": len(model.calls)}


async def play_once(stage: Stage, failure: Any) -> str:
    """Run the workflow once, on a worker in this process, with the failure's faults, if any."""
    if fault := getattr(failure, "FAULT", None):  # in every response
        stage.model.faults.always(fault)
    if fault := getattr(failure, "FIRST_FAULT", None):  # in the first response only
        stage.model.faults.next(fault)
    async with stage.worker():
        return await stage.outcome(await stage.start(failure.QUESTION))


def activities_of(*owners: Any) -> list[Any]:
    """Return the activities that modules and classes define."""
    members = [getattr(owner, name) for owner in owners for name in vars(owner)]
    return [each for each in members if hasattr(each, "__temporal_activity_definition")]


async def main(name: str, version: Version) -> None:
    """Play VERSION (naive or durable) of the failure NAME."""
    print(json.dumps(await play(name, version)))


if __name__ == "__main__":
    run(main)
