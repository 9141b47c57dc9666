"""Child processes end with the command."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from sample_cli import processes
from sample_cli.processes import (
    Background,
    CommandError,
    background,
    free_port,
    run_until_signal,
    until,
)
from sample_cli.session import fail_if_worker_exits

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pipe = os.open(sys.argv[1], os.O_RDWR)
if os.fork() == 0:
    time.sleep(600)
print("ready", flush=True)
time.sleep(600)
"""


def _stubborn(folder: Path) -> list[str]:
    """Return the command of a process with a child: both hold `pipe`, and ignore SIGTERM."""
    os.mkfifo(folder / "pipe")
    return [sys.executable, "-c", STUBBORN, str(folder / "pipe")]


async def _ready(process: Background) -> None:
    async def said() -> bool:
        return "ready" in process.tail()

    await until(said)


@pytest.mark.skipif(sys.platform == "win32", reason="has no process groups")
async def test_process_that_ignores_sigterm_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "SHUTDOWN_TIMEOUT", 0.1)
    async with background("stubborn", _stubborn(tmp_path), os.environ, tmp_path / "log") as process:
        await _ready(process)
        writers = os.open(tmp_path / "pipe", os.O_RDONLY)
    assert os.read(writers, 1) == b""  # blocks until every holder of the other end has ended
    os.close(writers)
    assert not process.alive


@pytest.mark.skipif(sys.platform == "win32", reason="has no process groups")
async def test_processes_end_when_the_cleanup_is_cancelled(tmp_path: Path) -> None:
    started: list[Background] = []

    async def main() -> None:
        log = tmp_path / "log"
        async with background("stubborn", _stubborn(tmp_path), os.environ, log) as process:
            await _ready(process)
            started.append(process)

    task = asyncio.create_task(main())

    async def is_started() -> bool:
        return bool(started)

    await until(is_started)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not started[0].alive


async def test_waiting_fails_with_the_log_when_the_worker_exits(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such module'); exit(3)"]
    async with background("tea's worker", command, os.environ, tmp_path / "log") as process:
        with pytest.raises(CommandError, match=r"tea's worker exited with code 3:\nno such module"):
            await fail_if_worker_exits(asyncio.Event().wait(), process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_cancels_and_sets_the_exit_code(number: signal.Signals) -> None:
    done: list[str] = []

    async def main() -> int:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            os.kill(os.getpid(), number)
            await asyncio.sleep(0)
            done.append("cleaned up")
        return 0

    before = signal.getsignal(number)
    assert run_until_signal(main()) == 128 + number
    assert done == ["cleaned up"]
    assert signal.getsignal(number) is before


def test_preferred_port_is_used_if_it_is_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) not in {0, port}
    assert free_port(port) == port
