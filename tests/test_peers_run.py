"""The comparison with other systems: small runs of those that are installed."""

import sys
from asyncio.subprocess import PIPE, STDOUT, create_subprocess_exec
from pathlib import Path

import pytest

from benchmarks.peers.report import load
from benchmarks.peers.run import BRIEF, chosen
from sample_cli.catalog import ROOT
from tests.harness.command import needs_proc


@needs_proc
@pytest.mark.exhaustive
@pytest.mark.timeout(120)  # the server takes 10 s to notice a lost call
@pytest.mark.parametrize("id", ["default", "dbos-sqlite", "dbos-postgresql", "restate"])
async def test_system_loses_no_run_when_its_worker_is_killed(id: str, tmp_path: Path) -> None:
    [system] = chosen(id)
    if hint := system.how_to_install:
        pytest.skip(hint)
    file = tmp_path / "results.json"
    options = ["--brief", "--rounds", "1", "--only", f"plain,{id}", "--results", str(file)]
    command = [sys.executable, "-m", "benchmarks.peers.run", *options]
    process = await create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=STDOUT)
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    results = load(file)
    [crash], [round] = results[id].crashes, results[id].rounds.values()
    assert (crash.lost, crash.repeated <= BRIEF.killed) == (0, True), output
    assert min(round.latency, round.rate, round.worker_cpu) > 0
    assert results["plain"].crashes[0].lost > 0
    assert output.count(f"| {system.name} |") == 2
