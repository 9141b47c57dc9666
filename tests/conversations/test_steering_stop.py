"""A stop cancels a turn within a second, and keeps its finished tool results.

Measured from the request to when the model server sees the connection close, or the tool ends, on
a server that pushes no cancellations.
"""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from agents.testing import ScriptedModel

from conversations.recorder import OUTCOME_UNKNOWN
from conversations.run_worker import build_worker
from offline_model.server import OfflineModel
from sample_cli.processes import until
from tests.conversations.steerable import (
    ActivityEnds,
    Held,
    accepted,
    answer,
    doing,
    pairs,
    say,
    start,
    stop,
    tool_call,
)
from tests.harness.dev_server import dev_server
from tests.harness.starters import topic_worker
from tests.harness.workers import input_texts, serving

LIMIT = 1.0  # seconds


@pytest.fixture(scope="module", autouse=True)
async def without_push() -> AsyncIterator[None]:
    async with dev_server(push=False):
        yield


async def test_stop_of_an_idle_chat_does_nothing() -> None:
    async with serving(build_worker, ScriptedModel([answer("A.")])) as client:
        handle = await start(client)
        assert not await stop(handle)
        assert (await say(handle, "one")).text == "A."
        assert not await stop(handle)


async def test_stop_closes_the_model_connection(model: OfflineModel) -> None:
    model.faults.always("slow:30")
    async with topic_worker("conversations") as (client, _worker):
        handle = await start(client)
        turn = await accepted(handle, "one")
        await asyncio.to_thread(model.wait_until, lambda calls: bool(calls))
        requested = time.monotonic()
        assert await stop(handle)
        assert (await turn.result()).outcome == "stopped"
        assert time.monotonic() - requested < LIMIT
        await asyncio.to_thread(model.wait_until, lambda calls: bool(calls[0].disconnected))
    assert model.calls[0].disconnected is not None
    assert model.calls[0].disconnected - requested < LIMIT
    assert len(model.calls) == 1


@pytest.mark.parametrize("tool", ["watch_load", "benchmark_hashing"])
async def test_stop_cancels_a_tool_and_keeps_the_finished_one(tool: str) -> None:
    model = ScriptedModel([[tool_call("get_load")], [tool_call(tool, 60)], answer("B.")])
    ends = ActivityEnds()
    async with serving(build_worker, model, interceptors=[ends]) as client:
        handle = await start(client)
        turn = await accepted(handle, "one")
        await doing(handle, f"running {tool}")
        requested = time.monotonic()
        assert await stop(handle)
        assert (await turn.result()).outcome == "stopped"

        async def has_ended() -> bool:
            return tool in ends.times

        await until(has_ended)
        assert ends.times[tool] - requested < LIMIT
        assert (await say(handle, "two")).text == "B."
    results = pairs(model.calls[2])
    assert results["get_load"].startswith("load ")
    assert results[tool] == OUTCOME_UNKNOWN
    assert input_texts(model.calls[2])[-1] == "two"


async def test_second_stop_finds_no_turn_or_the_same_one() -> None:
    first = Held()
    model = ScriptedModel([first.step(), answer("B.")])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        turn = await accepted(handle, "one")
        await first.called()
        stops = await asyncio.gather(stop(handle), stop(handle))
        assert any(stops)
        assert not await stop(handle)
        assert (await turn.result()).outcome == "stopped"
        assert (await say(handle, "two")).text == "B."
        first.release()
    assert input_texts(model.calls[1]) == ["one", "two"]
