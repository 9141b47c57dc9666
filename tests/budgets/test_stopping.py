"""A run ends by its time limit, by a request, or by its cancellation; the bill stays right."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError

from budgets.run_budgeted_research_workflow import main
from budgets.run_worker import build_worker
from budgets.workflows.budgeted_research import BudgetedResearchWorkflow as Workflow
from tests.budgets.research import (
    ONE_ANSWER,
    TOKENS,
    ResearchModel,
    count_waiting,
    paused,
    raise_budget,
    reached,
    start,
)
from tests.harness.workers import promptly, serving, serving_on_skipped_time


async def test_paused_run_ends_by_its_time_limit_with_what_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = ResearchModel(quick=2, tokens=TOKENS)
    async with serving_on_skipped_time(build_worker, model, monkeypatch) as (client, env):
        with env.auto_time_skipping_disabled():
            handle = await start(client, ONE_ANSWER, "1", timedelta(hours=1))
            await paused(handle)
            await env.sleep(timedelta(minutes=61))
            report = await promptly(handle.result(), "the run")
    assert not report.is_complete
    assert report.report.endswith("Researcher's answer.")
    assert len(report.unanswered) == 1
    assert report.bill.tokens == model.paid == 2 * TOKENS


async def test_time_limit_can_be_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ResearchModel(quick=2, tokens=TOKENS)
    async with serving_on_skipped_time(build_worker, model, monkeypatch) as (client, env):
        with env.auto_time_skipping_disabled():
            handle = await start(client, ONE_ANSWER, "1", timedelta(hours=1))
            await paused(handle)
            await raise_budget(handle, None, None, timedelta(hours=3))
            await env.sleep(timedelta(hours=2))
            await raise_budget(handle, 100_000)
            assert (await handle.result()).is_complete


async def test_wrap_up_cancels_calls_in_flight_and_bills_them() -> None:
    model = ResearchModel(quick=2, deep=1, tokens=TOKENS)
    async with serving(build_worker, model) as client:
        model.gate.clear()
        handle = await start(client)
        await reached(lambda: model.calls.total() == 4)
        await handle.execute_update(Workflow.wrap_up)
        report = await handle.result()
    assert (report.is_complete, report.report, len(report.unanswered)) == (False, "", 3)
    lost = {line.agent: line.lost for line in report.bill.lines}
    assert lost == {"Planner": 0, "Researcher": 2, "Deep researcher": 1}
    assert report.bill.tokens > model.paid  # at their estimates


async def test_canceled_run_leaves_no_call_waiting(database_url: str) -> None:
    model = ResearchModel(quick=2, deep=2, tokens=TOKENS)
    async with serving(build_worker, model) as client:
        handle = await start(client, ONE_ANSWER)
        await paused(handle)
        assert await count_waiting(database_url)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert not await count_waiting(database_url)


async def test_starter_shows_the_pause_and_the_bill(capsys: pytest.CaptureFixture[str]) -> None:
    model = ResearchModel(quick=2, tokens=TOKENS)
    async with serving(build_worker, model):
        await main(max_tokens=ONE_ANSWER, raise_budget=False)
    shown = capsys.readouterr().out
    assert shown.startswith("Paused at 1,200 of 1,900 tokens and $")
    assert shown.count("Wrapped up.") == 1
    assert "Incomplete. Without an answer: Question" in shown
    assert shown.splitlines()[-1].split()[:2] == ["total", "1,200"]
