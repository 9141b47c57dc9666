"""Decides on paused runs, at a terminal or by a command-line option, and prints the bill."""

from durable_agents import WorkflowClosed, query_if_available, update_reliably
from durable_agents.errors import describe_validation_error

import asyncio
import sys

import typer
from pydantic import ValidationError
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError

from budgets.models import BudgetState, Limits, ResearchReport
from budgets.workflows.budgeted_research import BudgetedResearchWorkflow as Workflow

POLL_INTERVAL = 0.2  # seconds
MAX_RAISES = 3  # without asking a person

Handle = WorkflowHandle[Workflow, ResearchReport]


def parse_limits(max_tokens: int, max_cost: str, max_minutes: float) -> Limits:
    """Return the limits of the command line; raise BadParameter if one is out of range."""
    given = {"max_tokens": max_tokens, "max_cost": max_cost, "max_time": 60 * max_minutes}
    try:
        return Limits.model_validate(given)
    except ValidationError as error:
        raise typer.BadParameter(describe_validation_error(error, "limits")) from None


async def decide_until_done(handle: Handle, is_raised: bool | None) -> ResearchReport:
    """Decide whenever the run is paused, and return its result.

    Args:
        handle: The workflow.
        is_raised: Whether to double the limits of tokens and cost when the run pauses, at most
            three times; then it is wrapped up. None asks at the terminal, and doubles the limits
            if there is none.
    """
    result, raises = asyncio.ensure_future(handle.result()), 0
    while not (await asyncio.wait([result], timeout=POLL_INTERVAL))[0]:
        state = await query_if_available(handle, Workflow.get_budget)
        if not state or not state.is_exhausted:
            continue
        print(f"Paused at {state}. The next call may take {state.needed_tokens:,} tokens.")
        try:
            if not _is_raised(is_raised, raises):
                print("Wrapped up.")
                await update_reliably(handle, Workflow.wrap_up)
                break
            await _double(handle, state)
        except WorkflowClosed:
            print("Too late: the workflow has finished.")
        except WorkflowUpdateFailedError as error:
            print(f"Not raised: {error.cause}")
        raises += 1
    return await result


def _is_raised(is_raised: bool | None, raises: int) -> bool:
    if is_raised is None and sys.stdin.isatty():
        return typer.confirm("Double the budget? Otherwise, the run is wrapped up.")
    return is_raised is not False and raises < MAX_RAISES


async def _double(handle: Handle, state: BudgetState) -> None:
    limits = 2 * state.max_tokens, 2 * state.max_cost
    raised = await update_reliably(handle, Workflow.raise_budget, *limits, None)
    print(f"Raised to {raised.max_tokens:,} tokens and ${raised.max_cost:f}.")


def show(report: ResearchReport) -> None:
    """Print the report and the bill."""
    print(f"\n{report.report or 'There are no answers yet.'}\n")
    if not report.is_complete:
        print(f"Incomplete. Without an answer: {'; '.join(report.unanswered) or 'none'}\n")
    rows = [("agent", "calls", "lost", "tokens", "dollars")]
    for line in report.bill.lines:
        counts = f"{line.calls}", f"{line.lost}", f"{line.tokens:,}"
        rows.append((line.agent, *counts, f"{line.cost:.6f}"))
    rows.append(("total", "", "", f"{report.bill.tokens:,}", f"{report.bill.cost:.6f}"))
    for agent, *numbers in rows:
        print(f"{agent:16}" + "".join(f"{number:>10}" for number in numbers))
