"""`time_limit()` and the task that uses it. test_stop.py covers calls in flight."""

from durable_agents import deadlines
from durable_agents.deadlines import time_limit

import asyncio
from datetime import timedelta

import pytest

SOON = timedelta(milliseconds=20)
LATE = timedelta(minutes=1)


async def test_block_that_finishes_in_time_is_not_cancelled() -> None:
    async with time_limit(LATE):
        await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task
    assert not task.cancelling()


async def test_block_that_exceeds_the_limit_times_out() -> None:
    with pytest.raises(TimeoutError):
        async with time_limit(SOON):
            await asyncio.Event().wait()
    task = asyncio.current_task()
    assert task
    assert not task.cancelling()


async def test_swallowed_cancellation_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "RECANCEL_INTERVAL", 0.02)
    swallowed: list[str] = []

    async def swallow() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            swallowed.append("a cancellation")

    async def limited() -> None:
        async with time_limit(SOON):
            await swallow()
            await swallow()
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await limited()
    assert len(swallowed) == 2


async def test_cancellation_from_outside_propagates() -> None:
    async def limited() -> None:
        async with time_limit(LATE):
            await asyncio.Event().wait()

    task = asyncio.create_task(limited())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_errors_of_the_block_propagate() -> None:
    with pytest.raises(LookupError):
        async with time_limit(LATE):
            raise LookupError


async def test_limits_nest() -> None:
    with pytest.raises(TimeoutError):
        async with time_limit(SOON), time_limit(LATE):
            await asyncio.Event().wait()
