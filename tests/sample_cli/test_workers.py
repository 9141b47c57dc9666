"""`--workers N`: several worker processes of a topic."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from sample_cli import catalog
from sample_cli.cli import app
from sample_cli.processes import Background, CommandError, background
from sample_cli.sample_run import SampleRun, run_sample
from sample_cli.session import Settings, fail_if_worker_exits
from tests.harness.command import needs_proc, sample


@pytest.mark.parametrize("number", ["0", "17", "two", "-1", "1.5", ""])
@pytest.mark.parametrize("command", [["run", "basic/hello_world"], ["up"]])
def test_number_outside_the_limits_is_rejected_in_one_line(command: list[str], number: str) -> None:
    result = CliRunner().invoke(app, [*command, f"--workers={number}"])
    assert result.exit_code == 2
    assert result.output == f"--workers is {number!r}; the limits are 1 to 16.\n"


@pytest.fixture
async def workers(tmp_path: Path) -> AsyncIterator[list[Background]]:
    """Two processes that read nothing and print their names."""
    code = "import sys, time; print(sys.argv[1], flush=True); time.sleep(60)"
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                background(name, [sys.executable, "-c", code, name], os.environ, tmp_path / name)
            )
            for name in ("first", "second")
        ]


@pytest.mark.parametrize("number", [0, 1])
async def test_worker_with_the_identity_is_killed(workers: list[Background], number: int) -> None:
    run = SampleRun(Mock(), Mock(), [*workers], Mock(), "", [], {}, AsyncExitStack())
    await run.kill_worker(f"{workers[number].pid}@host")
    assert [each.alive for each in workers] == [number == 1, number == 0]
    assert run.workers == [workers[1 - number]]


@pytest.mark.parametrize("number", [0, 1])
async def test_exit_of_any_worker_is_reported(workers: list[Background], number: int) -> None:
    waiting = asyncio.create_task(fail_if_worker_exits(asyncio.sleep(60), *workers))
    await workers[number].kill()
    with pytest.raises(CommandError, match=f"^{workers[number].name} exited with code -9:"):
        await waiting


@needs_proc
@pytest.mark.exhaustive
async def test_each_worker_of_a_run_polls_and_has_a_log_of_its_own() -> None:
    found = catalog.find("basic/hello_world", catalog.ROOT)
    async with run_sample(found, [], Settings(offline=True, workers=2)) as current:
        assert await current.wait() == 0
        assert [each.name for each in current.workers] == ["basic's worker 1", "basic's worker 2"]
        assert len({each.log for each in current.workers}) == 2
        assert all("Ctrl-C" in each.output for each in current.workers)


@pytest.mark.exhaustive
async def test_crash_kills_one_of_two_workers_and_its_call_is_retried() -> None:
    async with sample("run", "basic/tools", "--workers", "2", "--crash") as command:
        assert await command.end() == 0, command.output
    assert "Worker killed (SIGKILL) while the model call of" in command.output
    assert "3 made, 2 needed" in command.output
