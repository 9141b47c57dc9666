"""The capacity benchmark, with few conversations: every part prints figures that make sense."""

import re
import sys
from asyncio.subprocess import PIPE, STDOUT, create_subprocess_exec
from pathlib import Path

import pytest

from tests.harness.command import needs_proc

ROOT = Path(__file__).parent.parent


async def capacity(*arguments: str) -> tuple[int, str]:
    """Return the exit code and the output of the benchmark."""
    command = [sys.executable, "-m", "benchmarks.capacity", *arguments]
    process = await create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=STDOUT)
    output = (await process.communicate())[0].decode()
    assert process.returncode is not None
    return process.returncode, output


@needs_proc
@pytest.mark.exhaustive
@pytest.mark.long  # seven workers and four servers are started
async def test_every_part_measures_a_few_conversations() -> None:
    code, output = await capacity("--conversations", "4", "--brief")
    assert code == 0, output
    assert "Traceback" not in output
    turns = re.findall(r"CPU of a turn: worker ([\d.]+) ms, server ([\d.]+) ms", output)
    assert len(turns) == 4
    assert all(float(each) > 0 for turn in turns for each in turn)
    replays = re.findall(r"replayed by another worker: CPU (\d+) ms", output)
    assert len(replays) == 2
    assert min(map(int, replays)) > 1
    assert re.findall(r"^  (\d+) model calls pending: ", output, re.MULTILINE) == [
        "3",
        "5",
        "3",
        "5",
    ]
    assert "two workers answer" in output
