"""Shows what sub-agents do: live on a terminal, plain lines otherwise."""

from durable_agents import query_if_available

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.live import Live
from rich.text import Text
from temporalio.client import WorkflowHandle

from sub_agents.models import FleetProgress, FleetReport, SubAgent
from sub_agents.workflows.delegation import DelegationWorkflow
from sub_agents.workflows.fleet import FleetWorkflow

W = TypeVar("W")
T = TypeVar("T")

POLL_INTERVAL = 0.25  # seconds
BAR_WIDTH = 40  # characters
STEPS = 5  # lines that a fleet prints without a terminal


async def follow_team(handle: WorkflowHandle[DelegationWorkflow, str]) -> str:
    """Show the sub-agents until the lead has closed; return its answer.

    Without a terminal, they are shown once, at the end: their steps interleave.
    """
    team: list[SubAgent] = []
    with live() as show:
        async for team in polled(handle, DelegationWorkflow.get_team):
            show("\n".join(map(team_line, team)))
    if not Console().is_terminal:
        print("\n".join(map(team_line, team)))
    return await handle.result()


async def follow_fleet(handle: WorkflowHandle[FleetWorkflow, FleetReport]) -> FleetReport:
    """Show the progress of a fleet until it has closed; return its report."""
    shown = 0
    with live() as show:
        async for progress in polled(handle, FleetWorkflow.get_progress):
            show(fleet_line(progress))
            lines = fleet_lines(progress)
            if not Console().is_terminal and lines[shown:]:
                print("\n".join(lines[shown:]), flush=True)
                shown = len(lines)
    return await handle.result()


async def polled(handle: WorkflowHandle[W, object], query: Callable[[W], T]) -> AsyncIterator[T]:
    """Yield a query's results until the workflow has closed, and once more then."""
    result = asyncio.ensure_future(handle.result())
    try:
        closed = False
        while not closed:
            closed = bool((await asyncio.wait([result], timeout=POLL_INTERVAL))[0])
            # None while the worker restarts: what is shown stays.
            if (now := await query_if_available(handle, query)) is not None:
                yield now
    finally:
        result.cancel()
        await asyncio.gather(result, return_exceptions=True)  # its failure is for `handle.result()`


@contextmanager
def live() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows a text, in place of the last one; only on a terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        yield lambda text: None
        return
    with Live(console=console) as display:
        yield lambda text: display.update(Text(text))


def team_line(member: SubAgent) -> str:
    """Return a sub-agent's state in a line."""
    steps = ", ".join([*member.steps, *([] if member.outcome == "running" else [member.outcome])])
    return f"{member.name} ({member.task}): {steps or 'starting'}"


def fleet_line(progress: FleetProgress) -> str:
    """Return a bar and the numbers of a fleet."""
    closed = progress.done + progress.failed
    bar = "█" * (BAR_WIDTH * closed // progress.items)
    return (
        f"{bar:░<{BAR_WIDTH}} {closed:,} of {progress.items:,}: {progress.done:,} done, "
        f"{progress.failed:,} failed, {progress.running:,} running, run {progress.runs}"
    )


def fleet_lines(progress: FleetProgress) -> list[str]:
    """Return a line for each fifth that is reached. Later progress only appends lines."""
    closed = progress.done + progress.failed
    marks = (-(-progress.items * step // STEPS) for step in range(1, STEPS + 1))
    return [f"{mark:,} of {progress.items:,}" for mark in dict.fromkeys(marks) if closed >= mark]


def report_lines(report: FleetReport, seconds: float) -> list[str]:
    """Return the failures of a fleet, and its totals."""
    items = len(report.results) + len(report.failures)
    runs = f"{report.runs} {'run' if report.runs == 1 else 'runs'}"
    return [
        *(f"Ticket {item} {reason}" for item, reason in report.failures.items()),
        f"{len(report.results):,} of {items:,} tickets summarized, in {runs}",
        f"{seconds:.1f} s, {items / seconds:.1f} tickets per second",
    ]
