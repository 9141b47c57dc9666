"""Invalid and resent messages, failed turns, and chats longer than one run."""

import asyncio
from datetime import timedelta

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem
from temporalio.api.enums.v1 import EventType

from conversations.run_worker import build_worker
from conversations.steering import IDLE_TIMEOUT, MAX_CONTEXT_BYTES, MAX_UNANSWERED, WhileBusy
from tests.conversations.steerable import Held, accepted, answer, end, rejection, say, start, stop
from tests.harness import workers
from tests.harness.runs import histories_of
from tests.harness.workers import bad_request, input_texts, promptly, serving

FOUR = ("queue", "reject", "interrupt", "steer")


def echo(call: ModelCall) -> list[ResponseOutputItem]:
    return [assistant_message(f"Re {input_texts(call)[-1]}")]


async def test_invalid_message_leaves_no_event() -> None:
    async with serving(build_worker, ScriptedModel()) as client:
        handle = await start(client)
        unknown = await rejection(handle, "one", "shout")
        assert unknown.type == "InvalidInput"
        assert all(mode in unknown.message for mode in ("while_busy", *FOUR))
        assert (await rejection(handle, " ")).message == "text is empty"
        assert "the limit is 4,000" in (await rejection(handle, "x" * 4_001)).message
        assert await end(handle) == 0
        events = [event.event_type for event in (await handle.fetch_history()).events]
    assert events.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED) == 1


@pytest.mark.parametrize("while_busy", ["queue", "steer", "interrupt"])
async def test_message_beyond_the_limit_is_rejected(while_busy: str) -> None:
    first = Held(assistant_message("A."))
    waiting = MAX_UNANSWERED - 1
    model = ScriptedModel([first.step(), *[ModelStep.respond(echo)] * waiting])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        turn = await accepted(handle, "one")
        await first.called()
        modes: list[WhileBusy] = ["queue", "steer"] * (waiting // 2)
        sent = [await accepted(handle, f"{n}", mode) for n, mode in enumerate(modes)]
        full = await rejection(handle, "more", while_busy)
        assert full.type == "QueueFull"
        assert full.message.startswith("7 messages have no reply yet")
        assert await stop(handle)  # the server has room for it
        assert (await turn.result()).outcome == "stopped"
        steering, queued = sent[1::2], sent[::2]
        assert {(await each.result()).outcome for each in steering} == {"stopped"}
        assert [(await each.result()).text for each in queued] == ["Re 0", "Re 2", "Re 4"]
        first.release()
    assert input_texts(model.calls[1]) == ["one", "1", "3", "5", "0"]


async def test_messages_on_their_way_are_answered_once_across_runs() -> None:
    model = ScriptedModel([ModelStep.respond(echo)] * 6)
    async with serving(build_worker, model) as client:
        handle = await start(client, turns_per_run=1)
        replies = await asyncio.gather(*[say(handle, f"{n}", id=f"id {n}") for n in range(6)])
        assert [reply.text for reply in replies] == [f"Re {n}" for n in range(6)]
        assert (await say(handle, "5", id="id 5")).text == "Re 5"
        assert await end(handle) == 6
        assert len(await histories_of(client, handle)) == 7
    assert len(input_texts(model.calls[5])) == 11
    model.assert_complete()


async def test_waiting_message_is_answered_in_the_next_run_without_a_resend() -> None:
    first = Held(assistant_message("A."))
    model = ScriptedModel([first.step(), answer("B."), answer("C.")])
    async with serving(build_worker, model) as client:
        handle = await start(client, turns_per_run=1)
        await accepted(handle, "one")
        await first.called()
        await accepted(handle, "two")  # its sender leaves
        first.release()
        assert (await say(handle, "three")).text == "C."
        assert await end(handle) == 3
    assert input_texts(model.calls[2]) == ["one", "A.", "two", "B.", "three"]


async def test_failed_turn_leaves_the_chat_as_before() -> None:
    model = ScriptedModel([answer("A."), ModelStep.raise_error(bad_request()), answer("C.")])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await say(handle, "one")
        assert (await rejection(handle, "two", id="2")).type == "BadRequestError"
        assert (await say(handle, "three")).text == "C."
    assert input_texts(model.calls[2]) == ["one", "A.", "three"]


async def test_model_is_shown_the_last_turns_that_fit() -> None:
    long = "x" * 4_000
    model = ScriptedModel([answer("A." * 2_000)] * 20)
    async with serving(build_worker, model) as client:
        handle = await start(client)
        for _ in range(20):
            await say(handle, long)
    shown = input_texts(model.calls[19])
    assert 100_000 < sum(map(len, shown)) < MAX_CONTEXT_BYTES
    assert shown[0] == long


async def test_idle_chat_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ScriptedModel([answer("A.")])
    serving = workers.serving_on_skipped_time(build_worker, model, monkeypatch)
    async with serving as (client, skipping):
        handle = await start(client)
        await skipping.sleep(IDLE_TIMEOUT - timedelta(minutes=1))
        await say(handle, "one")
        await skipping.sleep(IDLE_TIMEOUT + timedelta(minutes=1))
        assert await promptly(handle.result(), "the idle chat") == 1
