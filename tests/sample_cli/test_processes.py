"""Child processes: they end with the command, and get the right environment."""

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
from sample_cli.session import Settings, environment, fail_if_worker_exits
from sample_cli.temporal_server import NO_TEMPORAL, Server, _may_be_alive, own_server

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
        with pytest.raises(CommandError, match=r"tea's worker ended, exit code 3:\nno such module"):
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


def test_own_server_hides_the_users_temporal_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "secret")
    monkeypatch.setenv("TEMPORAL_PROFILE", "cloud")
    monkeypatch.setenv("NO_PROXY", "example.com")
    own = environment(Server({"target_host": "127.0.0.1:1"}, ui="http://ui"), "http://model/v1")
    settings = {name: value for name, value in own.items() if name.startswith("TEMPORAL_")}
    assert settings == {
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
        "TEMPORAL_NAMESPACE": "default",
        "TEMPORAL_CONFIG_FILE": os.devnull,
    }
    assert (own["OPENAI_BASE_URL"], own["OPENAI_API_KEY"]) == ("http://model/v1", "offline")
    assert own["NO_PROXY"] == "example.com,127.0.0.1,localhost"


def test_running_server_keeps_the_users_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "secret")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    env = environment(Server({"target_host": "cloud:7233"}), None)
    assert env["TEMPORAL_API_KEY"] == "secret"
    assert env["TEMPORAL_ADDRESS"] == "cloud:7233"
    assert env["OPENAI_API_KEY"] == "sk-mine"
    assert "OPENAI_BASE_URL" not in env


def test_real_model_is_used_if_a_key_is_set_and_offline_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert not Settings().real_model
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    assert Settings().real_model
    assert not Settings(offline=True).real_model


async def test_missing_temporal_program_is_an_error_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(CommandError) as refusal:
        async with own_server(tmp_path):
            pass
    assert (str(refusal.value), refusal.value.exit_code) == (NO_TEMPORAL, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="cannot look up a process there")
async def test_pollers_exclude_ended_processes_of_this_machine(tmp_path: Path) -> None:
    async with background("short", [sys.executable, "-c", ""], os.environ, tmp_path / "l") as gone:
        await gone.wait()
    host = socket.gethostname()
    assert not _may_be_alive(f"{gone.pid}@{host}")
    assert _may_be_alive(f"{os.getpid()}@{host}")
    assert _may_be_alive(f"{gone.pid}@elsewhere")
    assert _may_be_alive("my worker")
