"""Idle time: a turn in flight does not count, and one timer measures it, whatever is said."""

from datetime import timedelta

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message

from streaming.chat import IDLE_TIMEOUT
from streaming.run_worker import build_worker
from streaming.streaming_model import StreamingModel
from tests.harness.workers import (
    failing_once,
    promptly,
    serving_on_skipped_time,
    timers_started,
    until_retried,
)
from tests.streaming.chats import accepted, answers, end, read, say, serving_chats, start


async def test_messages_do_not_restart_the_timer() -> None:
    async with serving_chats(answers("One.", "Two.", "Three.")) as client:
        chat = await start(client)
        for text in ("a", "b", "c"):
            await say(chat, text)
        assert await timers_started(chat) == 1
        await end(chat)


async def test_idle_chat_ends_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    model = StreamingModel(answers("One."))
    async with serving_on_skipped_time(build_worker, model, monkeypatch) as (client, environment):
        chat = await start(client)
        await environment.sleep(IDLE_TIMEOUT - timedelta(minutes=1))
        assert await say(chat, "a") == "One."
        await environment.sleep(IDLE_TIMEOUT - timedelta(minutes=1))
        assert not (await read(chat)).ended
        await environment.sleep(timedelta(minutes=2))
        transcript = await promptly(chat.result(), "the idle chat")
        assert [turn.answer for turn in transcript.turns] == ["One."]


async def test_turn_that_takes_longer_than_the_idle_timeout_is_not_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    down = ModelStep.raise_error(RuntimeError("Down"))
    model = StreamingModel(ScriptedModel([down, [assistant_message("One.")]]))
    params = failing_once(retried_after=IDLE_TIMEOUT + timedelta(minutes=10))
    async with serving_on_skipped_time(build_worker, model, monkeypatch, model_params=params) as (
        client,
        environment,
    ):
        chat = await start(client)
        turn = await accepted(chat, "a")
        await until_retried(chat)
        await environment.sleep(IDLE_TIMEOUT + timedelta(minutes=11))
        assert await turn.result() == "One."
        await environment.sleep(IDLE_TIMEOUT - timedelta(minutes=10))
        assert not (await read(chat)).ended
        await environment.sleep(timedelta(minutes=20))
        assert len((await promptly(chat.result(), "the idle chat")).turns) == 1
