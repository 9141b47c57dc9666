"""What a starter shows of a research: live on a terminal, one line a step anywhere else."""

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

from research_bot.progress import Phase, Progress

W = TypeVar("W")

SAYING: dict[Phase, str] = {
    "planning": "Planning the searches.",
    "writing": "Writing the report.",
    "verifying": "Verifying the report.",
    "revising": "Revising the report.",
    "failed": "Failed.",
    "cancelled": "Cancelled: nothing more is searched.",
}
ENDS = ("done", "failed", "cancelled")


async def follow(
    handle: WorkflowHandle[W, str], get_progress: Callable[[W], Progress]
) -> tuple[str, Progress]:
    """Show how a run goes on until it ends; return its report, and its progress at the end.

    Raises:
        WorkflowFailureError: It failed or was cancelled; the progress has been shown.
    """
    ending = asyncio.ensure_future(handle.result())
    progress = Progress()
    try:
        with showing() as show:
            ended = False
            while not ended:
                ended = bool((await asyncio.wait([ending], timeout=0.25))[0])
                progress = await query_if_available(handle, get_progress) or progress
                show(progress)
        return await ending, progress
    finally:
        ending.cancel()


@contextmanager
def showing() -> Iterator[Callable[[Progress], None]]:
    """Yield what shows the progress on standard output."""
    console = Console(highlight=False)
    if console.is_terminal:
        with Live(console=console) as live:
            yield lambda progress: live.update(picture(progress))
        return
    shown: list[str] = []

    def print_new(progress: Progress) -> None:
        for line in steps(progress)[len(shown) :]:
            print(line, flush=True)
            shown.append(line)

    yield print_new


def steps(progress: Progress) -> list[str]:
    """Return what has happened, a line each. Later calls only add to it, however late they come."""
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
            lines.append(SAYING[phase])
    return lines


def picture(progress: Progress) -> Group:
    """Return the same for a terminal, with what runs at this moment."""
    lines = Text("\n".join(steps(progress)))
    if progress.phase in ENDS:
        return Group(lines)
    counts = f"{progress.running} running, {progress.done} done, {progress.failed} failed"
    now = f"{progress.phase}: {counts}" if progress.phase == "searching" else progress.phase
    return Group(lines, Spinner("dots", now))
