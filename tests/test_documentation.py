"""What the documentation shows is what its commands print."""

import asyncio
import os
import re
import shlex
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline_model.server import OfflineModel
from tests.harness.forked_worker import ForkedWorker
from tests.harness.processes import ForkedScript

ROOT = Path(__file__).parent.parent
SHOWN = re.compile(r"<!-- output: ([^\n]+) -->\n```text\n(.*?)```", re.DOTALL)


def shown() -> Iterator[object]:
    """Yield each command in the documentation that shows its output.

    What a newcomer meets first is always run, unless it is slow; the rest in the matrix.
    """
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("docs/*.md")]:
        for command, output in SHOWN.findall(path.read_text()):
            first = path.parent in (ROOT, ROOT / "basic") and "--" not in command
            marks = [] if first else [pytest.mark.exhaustive]
            yield pytest.param(
                command, output, marks=marks, id=f"{path.relative_to(ROOT)}: {command}"
            )


def plain(text: str) -> list[str]:
    """Return the lines without what differs from run to run: ids, numbers, widths, the haste."""
    text = re.sub(r"-[0-9a-f]{8}\b|\b[0-9a-f]{32}\b", "-ID", text)
    lines = (re.sub(r"\d[\d.,]*", "N", line).split() for line in text.splitlines())
    return [" ".join(words) for words in lines if words]


@pytest.mark.parametrize(("command", "output"), list(shown()))
async def test_a_command_prints_what_the_documentation_shows(
    command: str, output: str, model: OfflineModel, tmp_path: Path
) -> None:
    script, *arguments = shlex.split(command)
    if script == "sample":
        said = await sample(*arguments)
    else:
        said = await starter(ROOT / script, *arguments, folder=tmp_path)
    assert plain(said) == plain(output)


async def sample(*arguments: str) -> str:
    """Return what the `sample` command prints: it starts all that it needs."""
    ours = ("TEMPORAL_", "OPENAI_")
    environment = {name: os.environ[name] for name in os.environ if not name.startswith(ours)}
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
    """Return what a starter prints, with a worker of its topic up."""
    with (
        ForkedWorker(script.parent.name),
        ForkedScript(script, *arguments, folder=folder) as process,
    ):
        ended = await process.ended()
    return ended.err + ended.out
