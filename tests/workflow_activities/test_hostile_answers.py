"""A bad model response fails only its turn: it is recorded, and the conversation continues."""

from typing import Any

import pytest
from agents import MaxTurnsExceeded, Runner
from pydantic_core import to_json
from temporalio.exceptions import ApplicationError

from tests.harness.workers import input_texts, serving
from tests.workflow_activities.conversations import (
    end,
    rejection,
    replies,
    rows,
    say,
    set_limit,
    start,
)
from workflow_activities import limits
from workflow_activities.models import Event, Turn
from workflow_activities.run_worker import build_worker
from workflow_activities.state import State
from workflow_activities.storage import TURNS

PAYLOAD_LIMIT = 2_000_000  # bytes, of 2 MiB


@pytest.mark.parametrize(
    "error",
    [
        MaxTurnsExceeded("too many"),
        RecursionError("too deep"),
        UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed"),
        TypeError("not iterable"),
        AttributeError("no attribute"),
        KeyError("name"),
        ValueError("not a value"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_error_in_the_agent_run_fails_one_turn(
    error: Exception, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Runner.run

    async def failing(agent: Any, prompt: Any, **options: Any) -> Any:
        if prompt[-1]["content"] == "two":
            raise error
        return await run(agent, prompt, **options)

    monkeypatch.setattr(Runner, "run", failing)
    async with serving(build_worker, replies("A.", "C.")) as client:
        handle = await start(client)
        assert await say(handle, "one") == "A."
        assert (await rejection(handle, "two")).type == type(error).__name__
        assert await say(handle, "three") == "C."
        report = await end(handle)
    assert [bool(row.error) for row in await rows(url, TURNS)] == [False, True, False]
    assert (report.turns, report.failed_turns) == (3, 1)


async def test_empty_reply_fails_the_turn() -> None:
    async with serving(build_worker, replies(" \n", "B.")) as client:
        handle = await start(client)
        assert (await rejection(handle, "one")).type == "ModelBehaviorError"
        assert await say(handle, "two") == "B."
        assert (await end(handle)).failed_turns == 1


async def test_huge_replies_are_cut(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_limit(monkeypatch, "TURNS_PER_RUN", 4)
    huge = "\x01" * 300_000  # 1.8 MB as JSON
    async with serving(build_worker, model := replies(*[huge] * 6, "B.")) as client:
        handle = await start(client)
        for number in range(6):
            reply = await say(handle, f"message {number}")
            assert reply.endswith(" … (cut: the reply has 300,000 characters)")
            assert len(reply) < limits.MAX_REPLY_LENGTH + 100
        assert await say(handle, "last") == "B."
        assert (await end(handle)).turns == 7
    assert len([row.reply for row in await rows(url, TURNS) if "(cut:" in row.reply]) == 6
    assert sum(map(len, input_texts(model.calls[-1]))) * 6 < limits.MAX_CONTEXT_BYTES


def test_largest_state_fits_one_payload() -> None:
    state, text = State(), "\x01"
    reply, message = text * (limits.MAX_REPLY_LENGTH + 100), text * limits.MAX_MESSAGE_LENGTH

    def fill() -> None:
        for number in range(1_000):
            state.complete_turn(message, reply, f"{number}".zfill(1_000))
            state.check_room()

    with pytest.raises(ApplicationError, match="waiting for the database"):
        fill()
    for _ in range(200):
        detail = text * 10_000
        state.finish_step(Event(kind="notification", number=0, outcome="failed", detail=detail))
    assert 1_000 > len(state.pending) > 5
    assert PAYLOAD_LIMIT / 2 < len(to_json(state)) < PAYLOAD_LIMIT


@pytest.mark.parametrize("text", ["A\0.", "A\ud83d."])
def test_turn_holds_only_text_that_can_be_stored(text: str) -> None:
    turn = Turn(number=1, message=text, reply=text, error=text)
    assert {turn.message, turn.reply, turn.error} == {"A\ufffd."}
