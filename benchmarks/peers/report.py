"""The tables and pictures of docs/performance.md."""

import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from pydantic import TypeAdapter
from pydantic_core import to_json

from benchmarks.peers.measure import Crash, Round
from benchmarks.peers.picture import bar_charts
from benchmarks.peers.systems import DEFAULT, NON_VARIANTS, PLAIN, SYSTEMS, System

MARKERS = "<!-- peers -->", "<!-- /peers -->"
PICTURE = Path("images", "performance.svg")  # relative to the page
USED = {
    "latency": "one run, ms",
    "rate": "runs/s, 64 at once",
    "worker_cpu": "worker CPU, ms",
    "server_cpu": "server CPU, ms",
    "written": "written, KiB",
}
WITH_RATIO = ("latency", "rate", "worker_cpu")
CRASHED = {"seconds": "all done after, s", "lost": "runs lost", "repeated": "calls repeated"}
COMPARED = {
    "latency": "one run",
    "rate": "runs/s",
    "worker_cpu": "worker CPU",
    "server_cpu": "server CPU",
}
CHARTS = {
    "One run, ms (less is better)": "latency",
    "Runs per second, 64 at once (more is better)": "rate",
}
PACKAGES = ("openai-agents", "temporalio", "dbos", "restate-sdk")


@dataclass
class Results:
    """The measurements of one system; `rounds` by their ids, which all systems share."""

    rounds: dict[str, Round] = field(default_factory=dict)
    crashes: list[Crash] = field(default_factory=list)

    def median(self, figure: str) -> float | None:
        """Return the median of a figure of `Round` or `Crash`; None if it was not measured."""
        found = [vars(each) for each in (*self.rounds.values(), *self.crashes)]
        values = [row[figure] for row in found if figure in row]
        return median(values) if values else None

    def ratio(self, base: "Results", figure: str) -> float | None:
        """Return the median of a figure's ratios to that of another system in the same round.

        Systems take turns in a round, so noise that lasts longer affects both. None if they share
        no round.
        """
        shared = self.rounds.keys() & base.rounds.keys()
        pairs = ((vars(self.rounds[id])[figure], vars(base.rounds[id])[figure]) for id in shared)
        ratios = [mine / other for mine, other in pairs if other]
        return median(ratios) if ratios else None


def load(file: Path | None) -> dict[str, Results]:
    """Return the results in a file, by system; none if it is absent."""
    if not file or not file.exists():
        return {}
    return TypeAdapter(dict[str, Results]).validate_json(file.read_bytes())


def save(file: Path, results: Mapping[str, Results]) -> None:
    """Write results to a file."""
    file.write_bytes(to_json(results))


def report(results: Mapping[str, Results]) -> str:
    """Return the tables, and how they were measured."""
    parts = [_conditions(results), _table(USED, _rows(NON_VARIANTS, results, USED))]
    if kills := max((len(each.crashes) for each in results.values()), default=0):
        after = "After `kill -9` of the worker, when half of 50 runs had all their answers"
        killed = [each for each in NON_VARIANTS if each.is_killed]
        parts += [f"{after} ({kills}x):", _table(CRASHED, _rows(killed, results, CRASHED))]
    if variants := list(_variants(results)):
        parts += ["This project without a guarantee or a saving, as a ratio to its default:"]
        parts += [_table(COMPARED, variants)]
    return "\n\n".join(parts)


def write_page(page: Path, results: Mapping[str, Results]) -> None:
    """Replace what is between the markers of a page, and its picture.

    Raises:
        ValueError: The page has no markers.
    """
    text = page.read_text(encoding="utf-8")
    begin, end = MARKERS
    match = re.search(f"{begin}.*?{end}", text, re.DOTALL)
    if not match:
        raise ValueError(f"{page} has no {begin} and {end}")
    content = f"{begin}\n{report(results)}\n{end}"
    page.write_text(text[: match.start()] + content + text[match.end() :], encoding="utf-8")
    peers = [each for each in NON_VARIANTS if each.id in results]
    charts = {
        title: {each.name: results[each.id].median(figure) or 0 for each in peers}
        for title, figure in CHARTS.items()
    }
    (page.parent / PICTURE).write_text(bar_charts(charts), encoding="utf-8")


def _rows(
    systems: Iterable[System], results: Mapping[str, Results], columns: Mapping[str, str]
) -> Iterable[list[str]]:
    """Yield a row for each system that was measured, or can be installed."""
    plain = results.get(PLAIN.id)
    for system in systems:
        found = results.get(system.id)
        if found:
            yield [system.name, *(_cell(found, figure, plain) for figure in columns)]
        elif hint := system.how_to_install:
            yield [system.name, f"not installed: `{hint}`", *[""] * (len(columns) - 1)]


def _variants(results: Mapping[str, Results]) -> Iterable[list[str]]:
    """Yield a row of ratios for each guarantee or saving that was switched off."""
    default = results.get(DEFAULT.id)
    for system in SYSTEMS:
        if default and system.is_variant and system.id in results:
            ratios = [results[system.id].ratio(default, figure) for figure in COMPARED]
            yield [system.name, *("-" if each is None else f"{each:.2f}" for each in ratios)]


def _cell(found: Results, figure: str, plain: Results | None) -> str:
    value = found.median(figure)
    if value is None or (figure in CRASHED and figure != "lost" and found.median("lost")):
        return "-"  # lost runs are never done, and their calls would all be repeated
    is_compared = plain and plain is not found and figure in WITH_RATIO
    ratio = found.ratio(plain, figure) if plain and is_compared else None
    if ratio is None:
        return _number(value)
    return f"{_number(value)} ({ratio:.{1 if ratio >= 1 else 2}f}x)"


def _number(value: float) -> str:
    return f"{value:,.1f}" if value % 1 and value < 100 else f"{value:,.0f}"


def _table(columns: Mapping[str, str], rows: Iterable[Sequence[str]]) -> str:
    header = ["", *columns.values()]
    lines = [header, ["---", *("---:" for _ in columns)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _conditions(results: Mapping[str, Results]) -> str:
    counts = sorted({len(each.rounds) for each in results.values()})
    rounds = " to ".join(map(str, dict.fromkeys(counts[:1] + counts[-1:])))
    packages = ", ".join(filter(None, map(_version, PACKAGES)))
    return (
        f"Medians of {rounds or 0} rounds on {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, {packages}. In brackets: ratio to the plain Runner."
    )


def _version(package: str) -> str | None:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return None
