"""Attempts whose answers are lost are on the bill, and within the limit."""

from durable_agents.database import Database

from datetime import timedelta

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from budgets.ledger import SCHEMA, Ledger
from budgets.models import Bill
from budgets.run_worker import build_worker
from offline_model import engine
from offline_model.json_text import Json
from offline_model.server import OfflineModel
from tests.budgets.research import ResearchModel, paused, raise_budget, report_of, start
from tests.harness.kills import kill_during_model_calls
from tests.harness.starters import run_samples, samples_of
from tests.harness.workers import model_params, serving

RETRIED = {"model_params": model_params(3)}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tokens of each answer of the offline model, as it counts them."""
    tokens, usage = list[int](), engine._usage

    def count(*args: object) -> Json:
        counted = usage(*args)  # type: ignore[arg-type]
        tokens.append(counted["total_tokens"])
        return counted

    monkeypatch.setattr(engine, "_usage", count)
    return tokens


def lost(bill: Bill) -> dict[str, int]:
    return {line.agent: line.lost for line in bill.lines if line.lost}


@pytest.mark.usefixtures("model")
async def test_bill_adds_up_with_the_models_own_count(counted: list[int]) -> None:
    outcome = await run_samples("budgets", samples_of("budgets"))
    outcome.assert_completed()
    report = report_of(outcome)
    assert report.bill.tokens == sum(counted)
    assert sum(line.calls for line in report.bill.lines) == len(counted) == 12
    assert not lost(report.bill)


@pytest.mark.parametrize(
    "model", [{"rate": 0.5, "kinds": ["500"], "seed": 1, "limit": 4}], indirect=True
)
async def test_retried_server_error_is_on_the_bill(model: OfflineModel, counted: list[int]) -> None:
    outcome = await run_samples("budgets", samples_of("budgets"))
    report = report_of(outcome)
    failed = sum(call.status == 500 for call in model.calls)
    assert sum(lost(report.bill).values()) == failed > 0
    estimates = sum(line.lost_tokens for line in report.bill.lines)
    assert report.bill.tokens - estimates == sum(counted)
    assert estimates > failed * 500


@pytest.mark.exhaustive
async def test_call_of_a_killed_worker_is_on_the_bill(
    model: OfflineModel, temporal: WorkflowEnvironment
) -> None:
    outcome = await kill_during_model_calls(
        "budgets", samples_of("budgets"), 1, model, temporal.client
    )
    report = report_of(outcome)
    assert lost(report.bill) == {"Planner": 1}
    assert sum(line.calls + line.lost for line in report.bill.lines) == len(model.calls)


async def test_attempt_without_room_waits_for_a_raise() -> None:
    model = ResearchModel(quick=1, tokens=600)
    model.failures["Researcher"] = 1
    async with serving(build_worker, model, **RETRIED) as client:
        handle = await start(client, 1_900)
        await paused(handle)
        assert model.calls["Researcher"] == 1
        await raise_budget(handle, 100_000)
        report = await handle.result()
    assert report.is_complete
    assert lost(report.bill) == {"Researcher": 1}
    assert report.bill.tokens > model.paid - 600  # the lost attempt counts at its estimate


async def test_call_that_fails_for_good_is_on_the_bill_with_all_attempts(database_url: str) -> None:
    model = ResearchModel(quick=1)
    model.failures["Researcher"] = 3
    async with serving(build_worker, model, **RETRIED) as client:
        handle = await start(client)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    database = Database(database_url, SCHEMA)
    async with database.open():
        bill = await Ledger(database).bill(f"{handle.id}/{handle.result_run_id}")
    assert lost(bill) == {"Researcher": 3}


async def test_each_run_of_a_workflow_id_has_its_own_budget() -> None:
    model = ResearchModel(quick=1)
    async with serving(build_worker, model) as client:
        bills = [
            (await (await start(client, 5_000, "1", timedelta(hours=1), id="again")).result()).bill
            for _ in range(2)
        ]
    assert bills[0] == bills[1]
