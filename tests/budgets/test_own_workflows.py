"""Workflows of one's own that are outside of a budget by mistake fail, and call no model."""

from durable_agents.database import Database, DatabasePlugin

from uuid import uuid4

import pytest
from agents import Runner
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

from budgets.activities.ledger import BudgetActivities
from budgets.budgeted import BudgetOwner
from budgets.interceptor import BudgetPlugin
from budgets.ledger import DEFAULT_URL, SCHEMA, Ledger
from budgets.research_agents import researcher
from tests.budgets.research import ResearchModel
from tests.harness.workers import failure_of, serving

QUEUE = "budgets-test-own"


@workflow.defn(sandboxed=False)
class Unbudgeted:
    """Calls a model, and is not derived from Budgeted."""

    @workflow.run
    async def run(self) -> None:
        await Runner.run(researcher(None), "Why?")


@workflow.defn(sandboxed=False)
class Unopened(BudgetOwner):
    """Calls a model without having opened its budget."""

    @workflow.run
    async def run(self) -> None:
        await Runner.run(researcher(None), "Why?")


def build_worker(client: Client) -> Worker:
    database = Database.from_environment(DEFAULT_URL, SCHEMA)
    budgets = BudgetActivities(Ledger(database))
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[Unbudgeted, Unopened],
        activities=[budgets.reserve_call, budgets.settle_call],
        plugins=[DatabasePlugin(database), BudgetPlugin(budgets)],
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Unbudgeted", "Unbudgeted calls a model without a budget; derive it from Budgeted"),
        ("Unopened", "; the root workflow has to open it first"),
    ],
)
async def test_model_call_outside_of_a_budget_fails_the_workflow(name: str, message: str) -> None:
    model = ResearchModel(quick=1)
    async with serving(build_worker, model) as client:
        run = client.start_workflow(name, id=f"own-{uuid4()}", task_queue=QUEUE)
        cause = await failure_of((await run).result())
    assert (cause.type, cause.non_retryable) == ("InvalidInput", True)
    assert cause.message.endswith(message)
    assert not model.calls
