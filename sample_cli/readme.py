"""`sample readme`: generates the tables of samples in the README files."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from sample_cli.catalog import GROUPS, Topic, topics

BEGIN, END = "<!-- samples -->", "<!-- /samples -->"
TABLE = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)


def sync_tables(root: Path, *, write: bool) -> list[str]:
    """Return what is wrong with the tables; with `write`, update stale tables instead."""
    problems = []
    for path, tables in _tables(root):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if not (match := TABLE.search(text)):
            problems.append(f"{name}: the lines {BEGIN} and {END} are missing")
            continue
        updated = f"{text[: match.start()]}{BEGIN}\n{tables}\n{END}{text[match.end() :]}"
        if updated != text and write:
            path.write_text(updated, encoding="utf-8")
        elif updated != text:
            problems.append(f"{name}: its table is stale; run: uv run sample readme")
    return problems


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
