"""A message during a turn is queued, rejected, interrupts, or steers."""

import pytest
from agents.testing import ScriptedModel, assistant_message

from conversations.run_worker import build_worker
from tests.conversations.steerable import (
    Held,
    accepted,
    answer,
    end,
    pairs,
    rejection,
    say,
    start,
    tool_call,
)
from tests.harness.workers import input_texts, serving


async def test_queued_message_gets_the_next_turn() -> None:
    first = Held(assistant_message("A."))
    model = ScriptedModel([first.step(), answer("B.")])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        turn = await accepted(handle, "one")
        await first.called()
        later = await accepted(handle, "two")
        first.release()
        assert [(await each.result()).text for each in (turn, later)] == ["A.", "B."]
        assert await end(handle) == 2
    assert input_texts(model.calls[1]) == ["one", "A.", "two"]


async def test_rejected_message_is_not_kept() -> None:
    first = Held(assistant_message("A."))
    model = ScriptedModel([first.step(), answer("B.")])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        turn = await accepted(handle, "one")
        await first.called()
        assert (await rejection(handle, "two", "reject")).type == "Busy"
        first.release()
        await turn.result()
        assert (await say(handle, "three", "reject")).text == "B."
    assert input_texts(model.calls[1]) == ["one", "A.", "three"]


async def test_interrupting_message_precedes_the_waiting_ones() -> None:
    first = Held()
    model = ScriptedModel([first.step(), answer("C."), answer("B.")])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        turn = await accepted(handle, "one")
        await first.called()
        queued = await accepted(handle, "two")
        assert (await say(handle, "three", "interrupt")).text == "C."
        assert (await turn.result()).outcome == "interrupted"
        assert (await queued.result()).text == "B."
        first.release()
    assert input_texts(model.calls[1]) == ["one", "three"]
    assert input_texts(model.calls[2]) == ["one", "three", "C.", "two"]


async def test_steering_message_is_read_at_the_next_model_call() -> None:
    first = Held(tool_call("get_load"))
    model = ScriptedModel([first.step(), answer("A."), answer("B.")])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        turn = await accepted(handle, "one")
        await first.called()
        steering = await accepted(handle, "rather two", "steer")
        first.release()
        assert (await turn.result()).text == (await steering.result()).text == "A."
        assert (await say(handle, "three")).text == "B."
    one, load, two = input_texts(model.calls[1])
    assert (one, load[:5], two) == ("one", "load ", "rather two")
    assert list(pairs(model.calls[1])) == ["get_load"]
    assert input_texts(model.calls[2]) == [one, load, two, "A.", "three"]


async def test_message_that_is_too_late_to_steer_gets_the_next_turn() -> None:
    last = Held(assistant_message("A."))
    model = ScriptedModel([last.step(), answer("B.")])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        turn = await accepted(handle, "one")
        await last.called()
        late = await accepted(handle, "two", "steer")
        last.release()
        assert [(await each.result()).text for each in (turn, late)] == ["A.", "B."]
    assert input_texts(model.calls[1]) == ["one", "A.", "two"]


@pytest.mark.parametrize("while_busy", ["queue", "reject", "interrupt", "steer"])
async def test_message_to_an_idle_chat_starts_a_turn(while_busy: str) -> None:
    async with serving(build_worker, ScriptedModel([answer("A.")])) as client:
        handle = await start(client)
        reply = await handle.execute_update("ask", args=["one", while_busy])
    assert reply == {"outcome": "answered", "text": "A."}
