"""Invalid budgets fail before anything is started, and invalid raises are rejected."""

from durable_agents.database import Database

from datetime import timedelta
from decimal import Decimal

import pytest
from agents import ModelSettings
from sqlalchemy import select
from temporalio.client import WorkflowUpdateFailedError
from typer import BadParameter

from budgets import research_agents
from budgets.ledger import BUDGETS, SCHEMA
from budgets.run_budgeted_research_workflow import main
from budgets.run_worker import build_worker
from budgets.workflows.budgeted_research import BudgetedResearchWorkflow as Workflow
from tests.budgets.research import ResearchModel, paused, raise_budget, start
from tests.harness.workers import failure_of, serving


@pytest.mark.parametrize(
    ("arguments", "type", "message"),
    [
        ([0], "InvalidInput", "max_tokens: Input should be greater than 0"),
        ([-5], "InvalidInput", "max_tokens: Input should be greater than 0"),
        ([10**12], "InvalidInput", "max_tokens: Input should be less than or equal to"),
        (["many"], "InvalidInput", "max_tokens: Input should be a valid integer"),
        ([100, "0"], "InvalidInput", "max_cost: Input should be greater than 0"),
        ([100, "-1"], "InvalidInput", "max_cost: Input should be greater than 0"),
        ([100, "ten"], "InvalidInput", "max_cost: Input should be a valid decimal"),
        ([100, "NaN"], "InvalidInput", "max_cost: Input should be a finite number"),
        ([100, "0.0000001"], "InvalidInput", "max_cost: Decimal input should have no more than 6"),
        ([100, "1", timedelta()], "InvalidInput", "max_time: Input should be greater than 0"),
        ([100, "1", timedelta(days=31)], "InvalidInput", "max_time: Input should be less than"),
        ([100, "1", timedelta(1), "nope"], "UnknownPrice", "model 'nope' has no price per token"),
    ],
)
async def test_invalid_budget_fails_before_any_call(
    arguments: list[object], type: str, message: str, database_url: str
) -> None:
    model = ResearchModel(quick=1)
    async with serving(build_worker, model) as client:
        handle = await start(client, *arguments)
        cause = await failure_of(handle.result())
    assert cause.type == type
    assert cause.message.startswith(message)
    assert cause.non_retryable
    assert not model.calls
    database = Database(database_url, SCHEMA)
    async with database.open(), database.transaction() as connection:
        assert not (await connection.execute(select(BUDGETS))).all()


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("max_tokens", -5, r"limits\.max_tokens: Input should be greater than 0"),
        ("max_cost", "abc", r"limits\.max_cost: Input should be a valid decimal"),
        ("max_cost", "0", r"limits\.max_cost: Input should be greater than 0"),
        ("max_minutes", 0, r"limits\.max_time: Input should be greater than 0"),
        ("max_minutes", 1e300, r"limits\.max_time: Input should be"),
        ("max_minutes", float("nan"), r"limits\.max_time: Input should be"),
    ],
)
async def test_starter_rejects_an_invalid_limit_before_it_connects(
    limit: str, value: object, message: str
) -> None:
    with pytest.raises(BadParameter, match=message):
        await main(**{limit: value})  # type: ignore[arg-type]


async def test_empty_query_fails_before_any_call() -> None:
    model = ResearchModel(quick=1)
    async with serving(build_worker, model):
        assert (await failure_of(main(" "))).message == "query is empty"
    assert not model.calls


async def test_agent_without_a_limit_for_its_answers_fails_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(research_agents, "ModelSettings", lambda **_: ModelSettings())
    model = ResearchModel(quick=1)
    async with serving(build_worker, model) as client:
        cause = await failure_of((await start(client)).result())
    assert cause.message == "agent 'Planner' needs ModelSettings(max_tokens=...) for its budget"
    assert not model.calls


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ([None], "give a new value for one of max_tokens, max_cost, max_time"),
        ([1_900], "max_tokens is 1900; give more than 1900"),
        ([2_000, Decimal("0.5")], "max_cost is 0.5; give more than 1"),
        ([None, None, timedelta(minutes=1)], "max_time is 0:01:00; give more than 0:10:00"),
        ([-1], "max_tokens: Input should be greater than 0"),
        ([None, "ten"], "max_cost: Input should be a valid decimal"),
    ],
)
async def test_invalid_raise_is_rejected(limits: list[object], message: str) -> None:
    model = ResearchModel(quick=2, tokens=600)
    async with serving(build_worker, model) as client:
        handle = await start(client, 1_900)
        await paused(handle)
        made = model.calls.total()
        with pytest.raises(WorkflowUpdateFailedError) as failure:
            await raise_budget(handle, *limits)
        assert message in str(failure.value.cause)
        assert model.calls.total() == made
        await handle.execute_update(Workflow.wrap_up)
        await handle.result()
