"""Shows a run's progress in the starter: live on a terminal, one line per step otherwise."""

from durable_agents import query_if_available

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text
from temporalio.client import WorkflowHandle

from research_bot.pipeline.progress import Phase, Progress

W = TypeVar("W")

POLL_INTERVAL = 0.25  # seconds

PHASE_LINES: dict[Phase, str] = {
    "planning": "Planning the searches.",
    "writing": "Writing the report.",
    "verifying": "Verifying the report.",
    "revising": "Revising the report.",
    "failed": "Failed.",
    "cancelled": "Cancelled: all searches are stopped.",
}
FINAL_PHASES = ("done", "failed", "cancelled")


async def follow(
    handle: WorkflowHandle[W, str], get_progress: Callable[[W], Progress]
) -> tuple[str, Progress]:
    """Show a run's progress until it completes; return its report and its final progress.

    Raises:
        WorkflowFailureError: The run failed or was cancelled, after its progress was shown.
    """
    result = asyncio.ensure_future(handle.result())
    progress = Progress()
    try:
        with live_display() as show:
            finished = False
            while not finished:
                finished = bool((await asyncio.wait([result], timeout=POLL_INTERVAL))[0])
                # None while the worker restarts: keep showing what is known.
                progress = await query_if_available(handle, get_progress) or progress
                show(progress)
        return await result, progress
    finally:
        result.cancel()


@contextmanager
def live_display() -> Iterator[Callable[[Progress], None]]:
    """Yield a function that shows the progress on standard output."""
    console = Console(highlight=False)
    if console.is_terminal:
        with Live(console=console) as live:
            yield lambda progress: live.update(render(progress))
        return
    printed: list[str] = []

    def print_new(progress: Progress) -> None:
        for line in steps(progress)[len(printed) :]:
            print(line, flush=True)
            printed.append(line)

    yield print_new


def steps(progress: Progress) -> list[str]:
    """Return the steps so far, one line each. Later progress only appends lines."""
    lines: list[str] = []
    for phase in [*progress.earlier, progress.phase]:
        if phase == "searching":
            lines.append(f"Searching: {progress.planned} searches.")
            lines += [f"  failed: {f.query} ({f.cause})" for f in progress.failures]
            if progress.phase != "searching":
                lines.append(f"Searched: {progress.done} done, {progress.failed} failed.")
        elif phase == "done":
            lines.append(f"Done: {' '.join(progress.summary.split())}")
        else:
            lines.append(PHASE_LINES[phase])
    return lines


def render(progress: Progress) -> Group:
    """Return the steps and the current activity for a terminal."""
    lines = Text("\n".join(steps(progress)))
    if progress.phase in FINAL_PHASES:
        return Group(lines)
    counts = f"{progress.running} running, {progress.done} done, {progress.failed} failed"
    now = f"{progress.phase}: {counts}" if progress.phase == "searching" else progress.phase
    return Group(lines, Spinner("dots", now))
