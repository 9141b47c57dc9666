"""Run the worker of this topic, with the ledger of its budgets."""

from durable_agents import connect, run, serve
from durable_agents.database import Database, DatabasePlugin

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from budgets import TASK_QUEUE
from budgets.activities.ledger import BudgetActivities
from budgets.interceptor import BudgetPlugin
from budgets.ledger import DEFAULT_URL, SCHEMA, Ledger
from budgets.researcher import ResearcherWorkflow
from budgets.workflows.budgeted_research import BudgetedResearchWorkflow


def build_worker(client: Client) -> Worker:
    """Return the worker. Tests call this with their own client."""
    database = Database.from_environment(DEFAULT_URL, SCHEMA)
    budgets = BudgetActivities(Ledger(database))
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[BudgetedResearchWorkflow, ResearcherWorkflow],
        activities=[
            budgets.open_budget,
            budgets.reserve_call,
            budgets.settle_call,
            budgets.raise_limits,
            budgets.read_bill,
        ],
        plugins=[DatabasePlugin(database), BudgetPlugin(budgets)],
        graceful_shutdown_timeout=timedelta(seconds=30),
    )


async def main() -> None:
    """Run the worker until Ctrl-C. `DATABASE_URL` selects the database of the ledger."""
    await serve(build_worker(await connect()))


if __name__ == "__main__":
    run(main)
