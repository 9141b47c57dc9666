"""Stopping the turn in flight."""

import asyncio
import time

from conversations.run_worker import build_worker
from tests.conversations.chats import Held, accepted, answers, history, rejection, say, start, stop
from tests.harness.workers import input_texts, serving


async def test_stop_cancels_the_model_call_within_a_second_and_keeps_the_history() -> None:
    held = Held()
    async with serving(build_worker, held.model) as client:
        handle = await start(client)
        turn = await accepted(handle, "One")
        await held.called.wait()
        stopped_at = time.monotonic()
        assert await stop(handle)
        error = await rejection(turn.result())
        await held.cancelled.wait()
        assert time.monotonic() - stopped_at < 1
        assert error.type == "TurnStopped"
        assert await history(handle) == []
        assert await say(handle, "Two") == "Re: Two"
        await handle.terminate()
    assert input_texts(held.model.calls[1]) == ["Two"]


async def test_stop_ends_only_the_turn_in_flight_and_the_next_message_has_its_turn() -> None:
    held = Held()
    async with serving(build_worker, held.model) as client:
        handle = await start(client)
        first, second = await accepted(handle, "One"), await accepted(handle, "Two")
        await held.called.wait()
        assert await stop(handle)
        assert (await rejection(first.result())).type == "TurnStopped"
        assert await second.result() == "Re: Two"
        await handle.terminate()


async def test_two_stops_at_once_stop_the_turn_once() -> None:
    held = Held()
    async with serving(build_worker, held.model) as client:
        handle = await start(client)
        turn = await accepted(handle, "One")
        await held.called.wait()
        assert any(await asyncio.gather(stop(handle), stop(handle)))
        assert (await rejection(turn.result())).type == "TurnStopped"
        assert await say(handle, "Two") == "Re: Two"
        await handle.terminate()


async def test_stop_of_an_idle_chat_does_nothing() -> None:
    async with serving(build_worker, answers(1)) as client:
        handle = await start(client)
        assert not await stop(handle)
        assert await say(handle, "One") == "Answer 1."
        assert not await stop(handle)
        await handle.terminate()
