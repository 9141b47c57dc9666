"""A model that plays a research run and counts what it is paid, and helpers for its workflow."""

from durable_agents.database import Database

import asyncio
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

from agents import ModelResponse, Usage
from agents.items import TResponseOutputItem
from agents.testing import assistant_message, function_call
from sqlalchemy import func, select
from temporalio.client import Client, WorkflowHandle

from budgets import TASK_QUEUE
from budgets.ledger import CALLS, SCHEMA, WAITING
from budgets.models import ResearchReport
from budgets.research_agents import Plan, Question
from budgets.workflows.budgeted_research import BudgetedResearchWorkflow
from sample_cli.processes import until
from tests.harness.models import UnstreamedModel
from tests.harness.starters import Outcome

Handle = WorkflowHandle[BudgetedResearchWorkflow, ResearchReport]

# With 600 tokens a call, the plan and one of two answers fit, and the other answer does not.
TOKENS = 600
ONE_ANSWER = 1_900

PROMPTS = {
    "Split the query": "Planner",
    "Answer the question": "Researcher",
    "Draft an answer": "Deep researcher",
    "Say in one sentence": "Fact checker",
    "Write a report": "Writer",
}


class ResearchModel(UnstreamedModel):
    """Answers each agent of a research run; every answer takes the same number of tokens.

    Attributes:
        calls: The calls by agent, with failed ones.
        paid: The tokens of calls that were answered or are in flight; `peak` is never smaller.
        failures: How many of an agent's next calls fail after the model was paid.
        gate: Calls wait for it, except the planner's.
    """

    def __init__(self, quick: int, deep: int = 0, tokens: int = 100) -> None:
        texts = [f"Question {n}?" for n in range(quick + deep)]
        questions = [Question(text=text, is_deep=n >= quick) for n, text in enumerate(texts)]
        self._plan = Plan(questions=questions).model_dump_json()
        self.tokens, self.paid = tokens, 0
        self.calls, self.failures = Counter[str](), Counter[str]()
        self.gate = asyncio.Event()
        self.gate.set()

    async def get_response(
        self, system_instructions: str | None, input: Any, *args: Any, **kwargs: Any
    ) -> ModelResponse:
        agent = next(name for text, name in PROMPTS.items() if text in str(system_instructions))
        self.calls[agent] += 1
        self.paid += self.tokens
        if agent != "Planner":
            await self.gate.wait()
        if self.failures[agent]:
            self.failures[agent] -= 1
            raise ConnectionError("the answer was lost")
        count = self.tokens // 10
        usage = Usage(requests=1, input_tokens=self.tokens - count, output_tokens=count)
        usage.total_tokens = self.tokens
        return ModelResponse(output=[self._answer(agent, input)], usage=usage, response_id=None)

    def _answer(self, agent: str, input: Any) -> TResponseOutputItem:
        if agent == "Planner":
            return assistant_message(self._plan)
        items = input if isinstance(input, list) else []
        if agent == "Deep researcher" and not any("output" in item for item in items):
            return function_call("check_facts", {"input": "A draft."}, call_id="check")
        return assistant_message(f"{agent}'s answer.")


async def start(
    client: Client,
    max_tokens: object = 100_000,
    max_cost: object = Decimal(1),
    *more: object,
    id: str | None = None,
) -> Handle:
    """Start a research run."""
    return await client.start_workflow(
        BudgetedResearchWorkflow.run,
        args=["Why?", max_tokens, max_cost, *more],
        id=id or f"research-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def paused(handle: Handle) -> None:
    """Wait until the run is paused."""

    async def is_paused() -> bool:
        state = await handle.query(BudgetedResearchWorkflow.get_budget)
        return bool(state and state.is_exhausted)

    await until(is_paused)


async def reached(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true."""

    async def is_true() -> bool:
        return condition()

    await until(is_true)


async def raise_budget(handle: Handle, *limits: object) -> None:
    """Raise the budget: max_tokens, max_cost, max_time."""
    await handle.execute_update(BudgetedResearchWorkflow.raise_budget, args=limits)


async def count_waiting(url: str) -> int:
    """Return how many calls wait, in all budgets of a database."""
    database = Database(url, SCHEMA)
    query = select(func.count()).where(CALLS.c.state == WAITING)
    async with database.open(), database.transaction() as connection:
        return (await connection.execute(query)).scalar_one()


def report_of(outcome: Outcome) -> ResearchReport:
    """Return the result of the starter's run, which is the first."""
    [result] = outcome.runs[0].results
    return ResearchReport.model_validate_json(result)
