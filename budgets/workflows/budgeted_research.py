"""A budget in tokens, money, and time for a tree of agents: at the limit, the run pauses.

A larger budget continues it; otherwise it ends with what it has.
"""

from durable_agents import require_text

import asyncio
from datetime import timedelta
from decimal import Decimal

from agents import Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from budgets.budgeted import BudgetOwner
    from budgets.models import Dollars, Duration, Limits, ResearchReport, Tokens
    from budgets.research_agents import Plan, Question, planner, researcher, writer
    from budgets.researcher import ResearcherWorkflow


@workflow.defn
class BudgetedResearchWorkflow(BudgetOwner):
    """Researches a query with agents in parallel, as tools, and in child workflows."""

    def __init__(self) -> None:
        super().__init__()
        self._answers: dict[str, str | None] = {}
        self._report: str | None = None

    @workflow.run
    async def run(
        self,
        query: str,
        max_tokens: Tokens = 3_000,
        max_cost: Dollars = Decimal("0.10"),
        max_time: Duration = timedelta(minutes=10),
        model: str | None = None,
    ) -> ResearchReport:
        """Return the report, or the answers so far, and the bill. `max_cost` is in dollars."""
        require_text(query, "query", max_length=2_000)
        limits = Limits(max_tokens=max_tokens, max_cost=max_cost, max_time=max_time)
        await self.budget.open(limits, model)
        is_complete = await self.budget.spend(self._research(query, model))
        answers = [f"{question}\n{answer}" for question, answer in self._answers.items() if answer]
        return ResearchReport(
            report=self._report or "\n\n".join(answers),
            is_complete=is_complete,
            unanswered=[question for question, answer in self._answers.items() if not answer],
            bill=await self.budget.bill(),
        )

    async def _research(self, query: str, model: str | None) -> None:
        plan = (await Runner.run(planner(model), query)).final_output_as(Plan)
        self._answers = {question.text: None for question in plan.questions}
        answering = (self._answer(question, model) for question in plan.questions)
        for error in await asyncio.gather(*answering, return_exceptions=True):  # waits for all
            if error:
                raise error
        findings = "\n\n".join(f"## {text}\n{answer}" for text, answer in self._answers.items())
        written = await Runner.run(writer(model), f"Query: {query}\n\n{findings}")
        self._report = written.final_output_as(str)

    async def _answer(self, question: Question, model: str | None) -> None:
        if question.is_deep:
            self._answers[question.text] = await workflow.execute_child_workflow(
                ResearcherWorkflow.run, args=[question.text, model]
            )
        else:
            result = await Runner.run(researcher(model), question.text)
            self._answers[question.text] = result.final_output_as(str)
