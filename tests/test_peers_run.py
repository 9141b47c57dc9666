"""The comparison with other systems: small runs of those that are installed."""

import sys
import time
from asyncio.subprocess import PIPE, STDOUT, create_subprocess_exec
from pathlib import Path

import pytest

from benchmarks.peers.client import Client
from benchmarks.peers.report import Results, load
from benchmarks.peers.run import BRIEF, chosen, measure, running
from benchmarks.peers.systems import PLAIN
from sample_cli.catalog import ROOT
from sample_cli.processes import until
from tests.harness.command import needs_proc


@needs_proc
@pytest.mark.alone  # starts six processes; the server takes 10 s to notice a lost call
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


@needs_proc
@pytest.mark.exhaustive
async def test_temporal_alone_is_measured_and_not_killed() -> None:
    found: dict[str, Results] = {}
    async with running(chosen("bare")) as machines:
        lines = [line async for line in measure(machines, 1, 1, BRIEF, found)]
    assert len(lines) == len(found["bare"].rounds) == 1
    assert not found["bare"].crashes


async def test_other_lines_than_answers_are_ignored(tmp_path: Path) -> None:
    lines = ["WARN: slow", '{"run": "a", "seconds": 2}', '{"seconds": 3}']
    program = f"input(); print(*{lines}, sep='\\n')"
    process = await create_subprocess_exec(sys.executable, "-c", program, stdin=PIPE, stdout=PIPE)
    client = Client(process, tmp_path / "log")
    assert await client.run(["a"]) == 3
    assert client.finished == {"a": 2}
    await process.wait()


def is_stopped(pid: int) -> bool:
    """Return whether a process is stopped by a signal."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return stat.rpartition(")")[2].split()[0] == "T"


async def until_stopped(pid: int, expected: bool = True) -> None:
    """Wait until a process is stopped, or with False, until it runs."""

    async def reached() -> bool:
        return is_stopped(pid) is expected

    await until(reached)


@needs_proc
@pytest.mark.exhaustive
async def test_processes_are_stopped_while_they_are_not_measured() -> None:
    async with running([PLAIN]) as [machine]:
        pid = machine._worker.pid
        await until_stopped(pid)
        async with machine.resumed():
            await until_stopped(pid, False)
        await until_stopped(pid)
        ending = time.monotonic()
    assert time.monotonic() - ending < 5  # which a stopped process has before it is killed
