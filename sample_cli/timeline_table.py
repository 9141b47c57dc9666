"""Prints a timeline to a terminal or a log."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sample_cli.history_timeline import RUNNING, WAITING, Row, Run
from sample_cli.run_costs import cost_text

UNREMARKABLE = {"completed", "fired", "received", RUNNING, WAITING}
NUMBERS = {"start", "attempts", "took"}
COLUMNS = ("start", "kind", "what", "attempts", "took", "outcome")
MAX_RUNS = 5  # of each workflow type


def show(runs: Sequence[Run], console: Console | None = None) -> None:
    """Print each run: its summary, then its rows. Of a type's later runs, print how many there are.

    A workflow may have hundreds of child workflows: `MAX_RUNS` of each type are shown.
    """
    console, seen = console or Console(), Counter[str]()
    for run in runs:
        seen[run.workflow_type] += 1
        if seen[run.workflow_type] > MAX_RUNS:
            continue
        console.print()
        console.print(f"{run.workflow_type} {run.workflow_id}", style="bold", markup=False)
        history = f"{run.duration:.2f} s: {run.events} events, {run.size / 1000:.1f} kB of history"
        console.print(f"{run.status} after {history}", markup=False, highlight=False)
        console.print(cost_text([run]), markup=False, highlight=False)
        if run.failure:
            console.print(f"  {run.failure}", style="red", markup=False, highlight=False)
        if run.rows:
            console.print(_table(run.rows))
        for row in run.rows:
            if row.failure:
                note = f"{_offset(row)}  last failure of {row.what}: {row.failure}"
                console.print(note, style="dim", markup=False, highlight=False)
    for name, count in seen.items():
        if count > MAX_RUNS:
            console.print(f"\n{count - MAX_RUNS:,} more: {name}", markup=False, highlight=False)
    if len(runs) > 1:
        console.print(f"\nAll {len(runs):,} runs: {cost_text(runs)}", markup=False, highlight=False)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    for name in COLUMNS:
        table.add_column(name, no_wrap=name != "what", overflow="fold")
        table.columns[-1].justify = "right" if name in NUMBERS else "left"
    for row in rows:
        table.add_row(
            _offset(row),
            row.kind,
            escape(row.what),
            _emphasized(str(row.attempts or ""), "yellow", row.attempts > 1),
            "" if row.duration is None else f"{row.duration:.2f} s",
            _emphasized(row.outcome, "red", row.outcome not in UNREMARKABLE),
        )
    return table


def _offset(row: Row) -> str:
    return f"{row.start:.2f} s".rjust(9)


def _emphasized(text: str, style: str, wanted: bool) -> str:
    return f"[{style}]{text}[/{style}]" if wanted else text
