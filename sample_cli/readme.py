"""`sample readme`: generates the samples in README files, docs/failures.md, and SKILL.md's list."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from sample_cli.catalog import GROUPS, Topic, topics
from sample_cli.failures import FOLDER as FAILURES
from sample_cli.failures import Failure, failures, location

CATALOG = "docs/failures.md"
SKILL = "skills/durable-agents/SKILL.md"
SAMPLES_TABLE, SKILL_TABLE = "samples", "failures"


def sync_tables(root: Path, *, write: bool) -> list[str]:
    """Return what is wrong with the generated texts; with `write`, update stale ones instead."""
    problems = []
    for path, updated in _pages(root):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if updated is None:
            begin, end = _markers(SKILL_TABLE if name == SKILL else SAMPLES_TABLE)
            problems.append(f"{name}: the lines {begin} and {end} are missing")
        elif updated != text and write:
            path.write_text(updated, encoding="utf-8")
        elif updated != text:
            problems.append(f"{name}: its table is stale; run: uv run sample readme")
    return problems


def _pages(root: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield each generated page with its text; None if it has no place for its table."""
    for path, tables in _tables(root):
        yield path, _with_table(path, tables, SAMPLES_TABLE)
    if (root / FAILURES).exists():
        found = failures(root)
        yield root / CATALOG, catalog_page(found)
        lines = [f"- **{each.symptom}** {each.cure}" for each in found]
        yield root / SKILL, _with_table(root / SKILL, "\n".join(lines), SKILL_TABLE)


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- {name} -->", f"<!-- /{name} -->"


def _with_table(path: Path, table: str, name: str) -> str | None:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    begin, end = _markers(name)
    if not (match := re.search(f"{begin}.*?{end}", text, re.DOTALL)):
        return None
    return f"{text[: match.start()]}{begin}\n{table}\n{end}{text[match.end() :]}"


def _tables(root: Path) -> Iterator[tuple[Path, str]]:
    found = topics(root)
    yield root / "README.md", "\n\n".join(_groups(found))
    for topic in found:
        yield root / topic.name / "README.md", _samples_table(topic)


def _groups(found: Sequence[Topic]) -> Iterator[str]:
    """Yield each group that has topics: its name, and a list."""
    for group in GROUPS:
        members = [topic for topic in found if topic.group == group]
        lines = [f"- [{topic.name}]({topic.name}/README.md): {topic.summary}" for topic in members]
        if lines:
            yield "\n".join([f"**{group}**", "", *lines])


def _samples_table(topic: Topic) -> str:
    rows = [
        (
            f"`uv run sample run {sample.id}`",
            sample.summary,
            ", ".join(f"`{name}`" for name in sample.workflow_types),
        )
        for sample in topic.samples
    ]
    return _table(("Command", "What it shows", "Workflow"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def catalog_page(found: Sequence[Failure]) -> str:
    """Return docs/failures.md."""
    parts = [
        "# Failures",
        "How agents fail on Temporal with the plain plugin, and what prevents it. "
        "`uv run sample fail NAME` plays a failure with and without its cure; `--all` plays all.",
    ]
    for group, members in groupby(found, key=lambda failure: failure.group):
        parts += [f"## {group}", *(_entry(failure) for failure in members)]
    return "\n\n".join(parts) + "\n"


def _entry(failure: Failure) -> str:
    name = failure.name
    links = [
        f"[{name}.py](../failures/workflows/{name}.py)",
        f"cure: [{failure.cure_at}](../{location(failure).replace(':', '#L')})",
        f"test: [{failure.test}](../{failure.test})",
    ]
    if failure.upstream:
        repository, number = failure.upstream.split("#")
        links.append(f"[{failure.upstream}](https://github.com/{repository}/issues/{number})")
    parts = [f"### {name}", f"**{failure.symptom}**", f"`uv run sample fail {name}`"]
    parts += [failure.cause, f"*Cure:* {failure.cure}", " · ".join(links)]
    return "\n\n".join(parts)
