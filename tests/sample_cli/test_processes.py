"""Tests of the processes behind `sample`: their environment, and that they end."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from sample_cli import processes
from sample_cli.processes import Background, Failed, background, free_port, run_until_signal, until
from sample_cli.session import Settings, environment, while_alive
from sample_cli.temporal_server import NO_CLI, Server, _lives, own_server

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
async def test_a_process_that_does_not_listen_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.1)
    async with background("stubborn", _stubborn(tmp_path), os.environ, tmp_path / "log") as process:
        await _ready(process)
        writers = os.open(tmp_path / "pipe", os.O_RDONLY)
    assert os.read(writers, 1) == b""  # waits for the end of all who hold the other end
    os.close(writers)
    assert not process.alive


@pytest.mark.skipif(sys.platform == "win32", reason="has no process groups")
async def test_a_second_signal_during_the_clean_up_still_ends_all(tmp_path: Path) -> None:
    started: list[Background] = []

    async def main() -> None:
        log = tmp_path / "log"
        async with background("stubborn", _stubborn(tmp_path), os.environ, log) as process:
            await _ready(process)
            started.append(process)

    task = asyncio.create_task(main())

    async def cleaning_up() -> bool:
        return bool(started)

    await until(cleaning_up)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not started[0].alive


async def test_work_fails_with_the_log_when_its_worker_dies(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such module'); exit(3)"]
    async with background("tea's worker", command, os.environ, tmp_path / "log") as process:
        with pytest.raises(Failed, match=r"tea's worker ended, exit code 3:\nno such module"):
            await while_alive(asyncio.Event().wait(), process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_once_and_gives_the_exit_code_of_shells(number: signal.Signals) -> None:
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


def test_a_wanted_port_is_taken_if_it_is_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) not in {0, port}
    assert free_port(port) == port


def test_children_see_our_server_and_none_of_the_users_settings(
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


def test_children_keep_the_users_settings_for_the_users_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "secret")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    theirs = environment(Server({"target_host": "cloud:7233"}), None)
    assert theirs["TEMPORAL_API_KEY"] == "secret"
    assert theirs["TEMPORAL_ADDRESS"] == "cloud:7233"
    assert theirs["OPENAI_API_KEY"] == "sk-mine"
    assert "OPENAI_BASE_URL" not in theirs


def test_the_real_model_is_used_with_a_key_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert not Settings().real_model
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    assert Settings().real_model
    assert not Settings(offline=True).real_model


async def test_a_machine_without_the_temporal_program_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(Failed) as refusal:
        async with own_server(tmp_path):
            pass
    assert (str(refusal.value), refusal.value.code) == (NO_CLI, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="cannot ask there")
async def test_a_worker_of_this_machine_that_is_gone_does_not_count(tmp_path: Path) -> None:
    async with background("short", [sys.executable, "-c", ""], os.environ, tmp_path / "l") as gone:
        await gone.wait()
    host = socket.gethostname()
    assert not _lives(f"{gone.pid}@{host}")
    assert _lives(f"{os.getpid()}@{host}")
    assert _lives(f"{gone.pid}@elsewhere")
    assert _lives("my worker")
