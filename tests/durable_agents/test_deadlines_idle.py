"""`IdleTimer` counts what is in flight. Each topic's idle tests cover it in workflows."""

from durable_agents import deadlines
from durable_agents.deadlines import IdleTimer

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import workflow

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class WorkflowTime:
    """The time of a workflow. Each wait starts a timer, and lasts until it fires."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.timers: list[timedelta] = []
        self.when_fired: list[Callable[[], None]] = []

    async def wait_until(self, condition: Callable[[], bool], limit: timedelta) -> bool:
        self.timers.append(limit)
        assert len(self.timers) < 10
        self.now += limit
        if self.when_fired:
            self.when_fired.pop(0)()
        return condition()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> WorkflowTime:
    time = WorkflowTime()
    monkeypatch.setattr(workflow, "now", lambda: time.now)
    monkeypatch.setattr(deadlines, "wait_until", time.wait_until)
    return time


async def is_idle(timer: IdleTimer) -> bool:
    return not await timer.wait(lambda: False, HOUR)


async def test_idle_time_starts_with_the_timer(time: WorkflowTime) -> None:
    timer = IdleTimer()
    time.now += 10 * MINUTE
    assert await is_idle(timer)
    assert time.timers == [50 * MINUTE]


async def test_idle_time_starts_when_the_last_of_overlapping_blocks_exits(
    time: WorkflowTime,
) -> None:
    timer = IdleTimer()
    first, second = timer.busy(), timer.busy()
    for enter in (first.__enter__, second.__enter__):
        enter()
        time.now += 5 * MINUTE
    assert timer.in_flight == 2
    first.__exit__(None, None, None)
    assert timer.in_flight == 1
    time.now += 5 * MINUTE

    def finish() -> None:
        second.__exit__(None, None, None)
        time.now += 20 * MINUTE

    time.when_fired = [finish]
    assert await is_idle(timer)
    assert timer.in_flight == 0
    assert time.timers == [HOUR, 40 * MINUTE]


async def test_failed_block_is_no_longer_in_flight(time: WorkflowTime) -> None:
    timer = IdleTimer()

    def fail() -> None:
        with timer.busy():
            time.now += 2 * HOUR
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert timer.in_flight == 0
    assert await is_idle(timer)
    assert time.timers == [HOUR]


async def test_turn_is_idle_while_it_waits_for_its_user(time: WorkflowTime) -> None:
    timer = IdleTimer(in_flight=1)
    time.now += 2 * HOUR
    with timer.idle():
        assert timer.in_flight == 0
        time.now += 10 * MINUTE
        assert await is_idle(timer)
        assert time.timers == [50 * MINUTE]
    assert timer.in_flight == 1


async def test_wait_returns_true_once_its_condition_is_met(time: WorkflowTime) -> None:
    assert await IdleTimer().wait(lambda: True, HOUR)
    assert time.timers == [HOUR]
