"""Prints the result of `sample fail` to a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from sample_cli.failures import Failure, Played, difference, location
from sample_cli.timeline_table import show

TITLES = {"naive": "naive (plain plugin)", "durable": "durable (durable_agents)"}


def show_report(failure: Failure, played: Sequence[Played], *, details: bool) -> None:
    """Print both outcomes side by side, and whether they are as described.

    With `details`, also print the cause, the cure, the diff of the workflows, and the timelines.
    """
    console = Console()
    console.print(f"{failure.name}: {failure.symptom}", style="bold", markup=False)
    console.print(_outcomes(played))
    if details:
        _show_details(failure, played, console)
    if all(each.as_described for each in played):
        console.print(f"{failure.name}: both versions behave as described.", style="green")
    for each in played:
        if not each.as_described:
            line = f"{failure.name}, {each.version}: expected {each.expected!r}, was "
            console.print(line + repr(each.outcome), style="red", markup=False, highlight=False)
    console.print()


def _show_details(failure: Failure, played: Sequence[Played], console: Console) -> None:
    for title, text in (("Why", failure.cause), ("Cure", failure.cure)):
        console.print(f"\n{title}. {text}", markup=False, highlight=False)
    console.print(f"\nThe code of the cure: {location(failure)}. Its test: {failure.test}")
    lines = difference(failure)
    same = "Both workflows have the same code: the cure is in connect()."
    console.print("\nThe difference between the two workflows:\n" if lines else f"\n{same}")
    console.print(Syntax("\n".join(lines), "diff", background_color="default"))
    for each in played:
        console.print(f"\nTimeline, {TITLES[each.version]}", style="bold")
        show(each.runs, console)
    console.print()


def _outcomes(played: Sequence[Played]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    for each in played:
        table.add_column(TITLES[each.version], ratio=1, overflow="fold")
    rows = {
        "outcome": [each.outcome for each in played],
        "took": [f"{each.seconds:.1f} s" for each in played],
        "model calls": [str(each.model_calls) for each in played],
    }
    for name, cells in rows.items():
        table.add_row(name, *cells)
    return table
