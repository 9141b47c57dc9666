"""Idle time: a turn in flight does not count, and one timer measures it, whatever is said."""

from datetime import timedelta

import pytest
from agents.testing import ModelStep, ScriptedModel
from temporalio.client import WorkflowExecutionStatus

from conversations import steering
from conversations.limits import IDLE_TIMEOUT
from conversations.run_worker import build_worker
from tests.conversations import steerable
from tests.conversations.chats import accepted, answers, echo, end, say, start
from tests.harness.workers import (
    failing_once,
    promptly,
    serving,
    serving_on_skipped_time,
    timers_started,
    until_retried,
)

HOUR = timedelta(hours=1)


async def test_messages_do_not_restart_the_timer() -> None:
    async with serving(build_worker, answers(3)) as client:
        handle = await start(client)
        for _ in range(3):
            await say(handle, "Hi")
        assert await timers_started(handle) == 1
        await end(handle)


async def test_messages_do_not_restart_the_timer_of_a_steerable_chat() -> None:
    async with serving(build_worker, answers(3)) as client:
        handle = await steerable.start(client)
        for _ in range(3):
            await steerable.say(handle, "Hi")
        assert await timers_started(handle) == 1
        await steerable.end(handle)


async def test_turn_that_takes_longer_than_the_idle_timeout_is_not_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    down = ModelStep.raise_error(RuntimeError("Down"))
    model = ScriptedModel([down, ModelStep.respond(echo), ModelStep.respond(echo)])
    params = failing_once(retried_after=IDLE_TIMEOUT + HOUR)
    async with serving_on_skipped_time(build_worker, model, monkeypatch, model_params=params) as (
        client,
        time,
    ):
        handle = await start(client)
        turn = await accepted(handle, "One")
        await until_retried(handle)
        await time.sleep(IDLE_TIMEOUT + HOUR)
        assert await turn.result() == "Re: One"
        await time.sleep(IDLE_TIMEOUT - HOUR)
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        await time.sleep(2 * HOUR)
        await promptly(handle.result(), "the idle chat")


async def test_long_turn_of_a_steerable_chat_is_not_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = steering.IDLE_TIMEOUT
    down = ModelStep.raise_error(RuntimeError("Down"))
    model, params = ScriptedModel([down, ModelStep.respond(echo)]), failing_once(2 * limit)
    serving = serving_on_skipped_time(build_worker, model, monkeypatch, model_params=params)
    async with serving as (client, time):
        handle = await steerable.start(client)
        turn = await steerable.accepted(handle, "One")
        await until_retried(handle)
        await time.sleep(2 * limit)
        assert (await turn.result()).text == "Re: One"
        await time.sleep(limit - timedelta(minutes=1))
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        await time.sleep(timedelta(minutes=2))
        assert await promptly(handle.result(), "the idle chat") == 1
