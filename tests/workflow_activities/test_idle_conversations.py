"""Idle time: a turn in flight does not count, and one timer measures it."""

from datetime import timedelta

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message

from tests.harness.workers import (
    failing_once,
    promptly,
    serving,
    serving_on_skipped_time,
    timers_started,
    until_retried,
)
from tests.workflow_activities.conversations import accepted, end, replies, say, start
from workflow_activities import limits
from workflow_activities.run_worker import build_worker


async def test_conversation_ends_after_an_hour_of_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serving = serving_on_skipped_time(build_worker, replies("A."), monkeypatch)
    async with serving as (client, skipping):
        handle = await start(client)
        await skipping.sleep(limits.IDLE_TIMEOUT - timedelta(minutes=1))
        await say(handle, "one")
        await skipping.sleep(limits.IDLE_TIMEOUT - timedelta(minutes=1))
        assert not (await handle.describe()).close_time
        await skipping.sleep(timedelta(minutes=2))
        assert (await promptly(handle.result(), "the idle conversation")).turns == 1


async def test_messages_do_not_restart_the_timer() -> None:
    async with serving(build_worker, replies("A.", "B.", "C.")) as client:
        handle = await start(client)
        for text in ("one", "two", "three"):
            await say(handle, text)
        assert await timers_started(handle) == 1
        await end(handle)


async def test_turn_that_takes_longer_than_the_idle_timeout_is_not_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    down = ModelStep.raise_error(RuntimeError("Down"))
    model = ScriptedModel([down, [assistant_message("A.")]])
    params = failing_once(retried_after=limits.IDLE_TIMEOUT + timedelta(minutes=10))
    serving = serving_on_skipped_time(build_worker, model, monkeypatch, model_params=params)
    async with serving as (client, skipping):
        handle = await start(client)
        [turn] = await accepted(handle, "one")
        await until_retried(handle)
        await skipping.sleep(limits.IDLE_TIMEOUT + timedelta(minutes=11))
        assert await turn.result() == "A."
        await skipping.sleep(limits.IDLE_TIMEOUT - timedelta(minutes=10))
        assert not (await handle.describe()).close_time
        await skipping.sleep(timedelta(minutes=20))
        assert (await promptly(handle.result(), "the idle conversation")).turns == 1
