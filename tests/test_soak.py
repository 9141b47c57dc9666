"""The benchmark that kills a worker under many conversations, with few of them."""

import sys
from asyncio.subprocess import PIPE, STDOUT, create_subprocess_exec
from pathlib import Path

import pytest

SOAK = Path(__file__).parent.parent / "benchmarks" / "soak.py"


@pytest.mark.matrix
@pytest.mark.timeout(180)  # a whole session, and the real 10 s after a kill
async def test_no_kill_loses_or_doubles_a_message(tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, SOAK, "8", "3", "--kills", "1"]
    process = await create_subprocess_exec(*command, cwd=tmp_path, stdout=PIPE, stderr=STDOUT)
    said = (await process.communicate())[0].decode()
    assert process.returncode == 0, said
    assert said.count("Killed after") == 1
    assert "ok    rows of turns: 24, as the clients saw them" in said
