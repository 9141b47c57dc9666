"""`sample readme`: keeps the tables of samples in the README files true."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from sample_cli.catalog import Sample, first_line, topics

BEGIN, END = "<!-- samples -->", "<!-- /samples -->"
TABLE = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)


def stale(root: Path, *, write: bool) -> list[str]:
    """Return what is wrong with the README files; with `write`, what cannot be put right."""
    problems = []
    for path, table in _tables(root):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if not (match := TABLE.search(text)):
            problems.append(f"{name}: it has no lines {BEGIN} and {END}")
            continue
        right = f"{text[: match.start()]}{BEGIN}\n{table}\n{END}{text[match.end() :]}"
        if right != text and write:
            path.write_text(right, encoding="utf-8")
        elif right != text:
            problems.append(f"{name}: its table is stale; run: sample readme")
    return problems


def _tables(root: Path) -> Iterator[tuple[Path, str]]:
    found = topics(root)
    yield root / "README.md", _topics_table(root, found)
    for topic, samples in found.items():
        yield root / topic / "README.md", _samples_table(samples)


def _topics_table(root: Path, found: dict[str, list[Sample]]) -> str:
    rows = [
        (f"[{topic}]({topic}/README.md)", first_line(root / topic / "__init__.py"), f"{len(all_)}")
        for topic, all_ in found.items()
    ]
    return _table(("Topic", "What it teaches", "Samples"), rows)


def _samples_table(samples: Sequence[Sample]) -> str:
    rows = [
        (
            f"`uv run sample run {sample.id}`",
            sample.summary,
            ", ".join(f"`{name}`" for name in sample.workflow_types),
        )
        for sample in samples
    ]
    return _table(("Command", "What it shows", "Workflow"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
