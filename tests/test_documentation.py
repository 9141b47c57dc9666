"""The documentation shows what its commands print."""

import asyncio
import os
import re
import shlex
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from offline_model.server import OfflineModel
from tests.harness.forked_worker import ForkedWorker
from tests.harness.processes import ForkedScript
from tests.harness.source import text_files

ROOT = Path(__file__).parent.parent
# What workflow_activities does after a turn while the next one runs: in any order.
CONCURRENT = re.compile("(save|notification|batch) N: ")
# What a starter prints if the service or its worker takes seconds to start, as on a busy machine.
WAITING = re.compile(r"^\(?Waiting for (a worker|the service) \.\.\.\)?$", re.MULTILINE)
SHOWN = re.compile(r"<!-- output: ([^\n]+) -->\n```text\n(.*?)```", re.DOTALL)


def shown() -> Iterator[object]:
    """Yield each command whose output is in the documentation, with that output.

    Fast ones in the READMEs that newcomers read first always run; the others are exhaustive.
    """
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("docs/*.md")]:
        for command, output in SHOWN.findall(path.read_text()):
            slow = "--" in command or command.startswith("sample fail")
            first = path.parent in (ROOT, ROOT / "basic") and not slow
            marks = [] if first else [pytest.mark.exhaustive]
            yield pytest.param(
                command, output, marks=marks, id=f"{path.relative_to(ROOT)}: {command}"
            )


def plain(text: str) -> list[str]:
    """Return the lines without what differs from run to run: ids, numbers, column widths, waits."""
    text = WAITING.sub("", text)
    text = re.sub(r"-[0-9a-f]{8}\b|\b[0-9a-f]{32}\b|\bmsg_[0-9a-f]+", "-ID", text)
    words = (re.sub(r"\d[\d.,]*", "N", line).split() for line in text.splitlines())
    lines: list[str] = []
    for is_concurrent, group in groupby(
        filter(None, map(" ".join, words)), lambda line: bool(CONCURRENT.match(line))
    ):
        found = list(group)
        lines += sorted(found) if is_concurrent else found
    return lines


@pytest.mark.parametrize(("command", "output"), list(shown()))
async def test_command_prints_what_the_documentation_shows(
    command: str, output: str, model: OfflineModel, tmp_path: Path
) -> None:
    script, *arguments = shlex.split(command)
    if script == "sample":
        output_now = await sample(*arguments)
    else:
        output_now = await starter(ROOT / script, *arguments, folder=tmp_path)
    assert plain(output_now) == plain(output)


async def sample(*arguments: str) -> str:
    """Return what a `sample` command prints."""
    hidden = ("TEMPORAL_", "OPENAI_")
    environment = {name: os.environ[name] for name in os.environ if not name.startswith(hidden)}
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "sample",
        *arguments,
        cwd=ROOT,
        env=environment,
        stdout=PIPE,
        stderr=STDOUT,
    )
    printed, _ = await process.communicate()
    return printed.decode()


async def starter(script: Path, *arguments: str, folder: Path) -> str:
    """Return what a starter prints while a worker of its topic runs."""
    with (
        ForkedWorker(script.parent.name),
        ForkedScript(script, *arguments, folder=folder) as process,
    ):
        ended = await process.ended()
    return ended.err + ended.out


def test_links_between_documents_lead_to_files_and_headings() -> None:
    names = [name for name, _ in text_files() if name.endswith(".md")]
    for path in (ROOT / name for name in names if not name.startswith("template/")):
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
            name, _, heading = link.partition("#")
            target = path.parent / name if name else path
            assert target.exists(), f"{path}: {link}"
            assert not heading or heading in anchors(target), f"{path}: {link}"


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, or of the lines of a source file."""
    if path.suffix != ".md":
        count = len(path.read_text(encoding="utf-8").splitlines())
        return {f"L{number}" for number in range(1, count + 1)}
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


def test_readme_is_short_and_answers_at_least_20_questions() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)  # without what commands print
    assert len(prose.split()) <= 900
    questions = text.partition("## I want to …")[2].partition("##")[0]
    assert len(re.findall(r"^- [^:]+: \[", questions, re.MULTILINE)) >= 20
