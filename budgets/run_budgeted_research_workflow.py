"""Start BudgetedResearchWorkflow, decide when it pauses, and print the report and the bill."""

from durable_agents import connect, run

from typing import Annotated
from uuid import uuid4

from typer import Option

from budgets import TASK_QUEUE
from budgets.terminal import decide_until_done, parse_limits, show
from budgets.workflows.budgeted_research import BudgetedResearchWorkflow

Raise = Annotated[bool | None, Option("--raise/--wrap-up", help="Decide without asking.")]


async def main(
    query: str = "Should our town build a tram line?",
    *,
    max_tokens: int = 3_000,
    max_cost: Annotated[str, Option(help="Limit in dollars.")] = "0.10",
    max_minutes: float = 10,
    model: Annotated[str, Option(help="Default: the worker's.")] = "",
    raise_budget: Raise = None,
) -> None:
    """Research QUERY. If the run pauses, ask; without a terminal, double tokens and dollars."""
    limits = parse_limits(max_tokens, max_cost, max_minutes)
    handle = await (await connect()).start_workflow(
        BudgetedResearchWorkflow.run,
        args=[query, limits.max_tokens, limits.max_cost, limits.max_time, model or None],
        id=f"budgets-budgeted-research-{uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )
    show(await decide_until_done(handle, raise_budget))


if __name__ == "__main__":
    run(main)
