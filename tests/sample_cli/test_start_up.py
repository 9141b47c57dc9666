"""`sample run` starts everything at the same time that can load while the server starts."""

import dataclasses
import itertools
import os
import sys
from asyncio import timeout
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pytest

from sample_cli import catalog, sample_run, temporal_server
from sample_cli.catalog import Sample
from sample_cli.processes import Background, CommandError, foreground, until
from sample_cli.session import Settings, session
from sample_cli.temporal_server import Server

WORKER = """
import os, sys, time
with open(sys.argv[0] + ".started", "a") as file:
    print(os.getpid(), os.environ["TEMPORAL_ADDRESS"], file=file)
time.sleep(0 if "exit" in sys.argv else 60)
"""
STARTS = "import time; print('Server: up', flush=True); time.sleep(60)"
FAILS = "print('the port is in use')"


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """A sample whose worker only records its process id and the address of its server."""
    worker = tmp_path / "worker.py"
    worker.write_text(WORKER, encoding="utf-8")
    return dataclasses.replace(catalog.find("basic/hello_world"), worker=worker)


def started(sample: Sample) -> list[tuple[int, str]]:
    """Return the process id of each worker, and the address of its server."""
    file = Path(f"{sample.worker}.started")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [(int(line.split()[0]), line.split()[1]) for line in lines]


def use_servers(monkeypatch: pytest.MonkeyPatch, sample: Sample, *programs: str) -> None:
    """Run these programs as dev servers, which are ready only after their workers have started."""
    is_ready, attempts, left = Server.wait_until_ready, itertools.count(1), iter(programs)
    ports = itertools.count(1)

    async def wait_until_ready(self: Server, process: Background) -> bool:
        attempt = next(attempts)

        async def has_worker() -> bool:
            return len(started(sample)) == attempt

        async with timeout(10):
            await until(has_worker)
        return await is_ready(self, process)

    command = [sys.executable, "-c"]
    monkeypatch.setattr(temporal_server, "_start_dev", lambda *_: [*command, next(left)])
    monkeypatch.setattr(temporal_server, "free_port", lambda _: next(ports))
    monkeypatch.setattr(Server, "wait_until_ready", wait_until_ready)
    monkeypatch.setenv("OPENAI_API_KEY", "unused")  # no offline model


async def test_workers_load_while_the_server_starts(
    monkeypatch: pytest.MonkeyPatch, sample: Sample
) -> None:
    use_servers(monkeypatch, sample, STARTS)
    async with session(Settings(), [sample]) as here:
        assert [address for _, address in started(sample)] == [here.server.address]
        assert [worker.alive for worker in here.workers] == [True]
    assert not here.workers[0].alive


async def test_workers_start_again_with_a_server_whose_port_was_taken(
    monkeypatch: pytest.MonkeyPatch, sample: Sample
) -> None:
    use_servers(monkeypatch, sample, FAILS, STARTS)
    async with session(Settings(), [sample]) as here:
        (first, taken), (second, address) = started(sample)
        assert taken != address == here.server.address
        assert [(worker.pid, worker.alive) for worker in here.workers] == [(second, True)]
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)


async def test_starter_loads_while_the_server_starts(
    monkeypatch: pytest.MonkeyPatch, sample: Sample
) -> None:
    use_servers(monkeypatch, sample, STARTS)
    command = [sys.executable, str(sample.worker), "exit"]
    async with session(Settings(), (), partial(foreground, command)) as here:
        assert here.starter
        assert started(sample) == [(here.starter.pid, here.server.address)]
    assert here.starter.returncode == 0


@pytest.mark.parametrize(
    ("name", "workers", "early"),
    [
        ("basic/hello_world", 1, True),
        ("basic/hello_world", 2, False),  # each worker is to get a share of the tasks
        ("conversations/chat", 1, False),  # calls its workflow at once
        ("tools/file_search", 1, False),  # needs files that a script uploads to the model
    ],
)
async def test_starter_loads_early_unless_it_needs_a_worker_or_a_script(
    monkeypatch: pytest.MonkeyPatch, name: str, workers: int, early: bool
) -> None:
    given = Mock(side_effect=CommandError("no server"))
    monkeypatch.setattr(sample_run, "session", given)
    with pytest.raises(CommandError, match="no server"):
        async with sample_run.run_sample(catalog.find(name), [], Settings(workers=workers)):
            pass
    _, samples, start = given.call_args.args
    assert len(samples) == workers
    assert (start is not None) is early
