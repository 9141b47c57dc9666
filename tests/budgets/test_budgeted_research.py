"""A tree of agents stays within its budget, pauses at the limit, and continues after a raise."""

from datetime import timedelta

import pytest

from budgets.run_worker import build_worker
from sample_cli.processes import until
from tests.budgets.research import (
    ONE_ANSWER,
    TOKENS,
    ResearchModel,
    count_waiting,
    paused,
    raise_budget,
    start,
)
from tests.harness.workers import promptly, serving, serving_on_skipped_time

ESTIMATE = 1_300
"""More than what is reserved for one call of a researcher or fact checker."""


@pytest.mark.usefixtures("each_database_url")
async def test_parallel_agents_and_child_workflows_stay_within_the_limit_together() -> None:
    model = ResearchModel(quick=8, deep=4, tokens=TOKENS)
    limit = TOKENS + 5 * ESTIMATE
    async with serving(build_worker, model) as client:
        handle = await start(client, limit)
        await paused(handle)
        assert limit - ESTIMATE < model.paid <= limit
        await raise_budget(handle, 100_000)
        report = await handle.result()
    assert report.is_complete
    assert report.bill.tokens == model.paid == TOKENS * (1 + 8 + 4 * 3 + 1)
    assert {line.agent: line.calls for line in report.bill.lines} == model.calls


async def test_raise_continues_a_paused_run_at_once_and_no_timer_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = ResearchModel(quick=2, deep=1, tokens=TOKENS)
    async with serving_on_skipped_time(build_worker, model, monkeypatch) as (client, env):
        with env.auto_time_skipping_disabled():
            handle = await start(client, ONE_ANSWER)
            await paused(handle)
            await raise_budget(handle, 100_000)
            assert (await promptly(handle.result(), "the run")).is_complete
            timers = [
                event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
                for event in (await handle.fetch_history()).events
                if event.HasField("timer_started_event_attributes")
            ]
    assert min(timers) > timedelta(minutes=9)  # that of the time limit, and none that polls


async def test_settlement_wakes_calls_that_wait_in_other_workflows(each_database_url: str) -> None:
    model = ResearchModel(quick=0, deep=4, tokens=100)
    assert not await count_waiting(each_database_url)  # creates the tables before the worker does
    async with serving(build_worker, model) as client:
        model.gate.clear()
        handle = await start(client, 3_400)

        async def two_wait() -> bool:
            waiting = await count_waiting(each_database_url)
            return (waiting, model.calls["Deep researcher"]) == (2, 2)

        await until(two_wait)
        model.gate.set()
        report = await promptly(handle.result(), "the run")  # nobody raises the budget
    assert report.is_complete
    assert report.bill.tokens == model.paid == 100 * (1 + 4 * 3 + 1)
