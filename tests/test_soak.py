"""The soak benchmark, which kills every part under load, with few conversations."""

import sys
from asyncio.subprocess import PIPE, STDOUT, create_subprocess_exec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.exhaustive
@pytest.mark.long  # six processes are killed and restarted
async def test_kills_lose_and_duplicate_nothing() -> None:
    command = [sys.executable, "-m", "benchmarks.soak", "6", "--rounds", "1"]
    process = await create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=STDOUT)
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said
    assert said.count(": killing the ") == 6
    assert "problems: 0" in said
