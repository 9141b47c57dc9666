"""What the environment decides: the model, the Temporal settings of children, and programs."""

import os
import socket
import sys
from pathlib import Path

import pytest

from sample_cli.processes import (
    CommandError,
    background,
)
from sample_cli.sample_run import model_line
from sample_cli.session import Settings, environment
from sample_cli.temporal_server import NO_TEMPORAL, Server, _may_be_alive, own_server


def test_own_server_hides_the_users_temporal_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "secret")
    monkeypatch.setenv("TEMPORAL_PROFILE", "cloud")
    monkeypatch.setenv("ENCRYPTION_KEYS", "mine")
    monkeypatch.setenv("NO_PROXY", "example.com")
    own = environment(Server({"target_host": "127.0.0.1:1"}, ui="http://ui"), "http://model/v1")
    settings = {name: value for name, value in own.items() if name.startswith("TEMPORAL_")}
    assert settings == {
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
        "TEMPORAL_NAMESPACE": "default",
        "TEMPORAL_CONFIG_FILE": os.devnull,
        "TEMPORAL_CONNECT_TIMEOUT": "30.0",  # as long as the server may take to start
    }
    assert "ENCRYPTION_KEYS" not in own
    assert (own["OPENAI_BASE_URL"], own["OPENAI_API_KEY"]) == ("http://model/v1", "offline")
    assert own["NO_PROXY"] == "example.com,127.0.0.1,localhost"


def test_running_server_keeps_the_users_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "secret")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    monkeypatch.setenv("ENCRYPTION_KEYS", "mine")
    env = environment(Server({"target_host": "cloud:7233"}), None)
    assert env["TEMPORAL_API_KEY"] == "secret"
    assert env["TEMPORAL_ADDRESS"] == "cloud:7233"
    assert env["ENCRYPTION_KEYS"] == "mine"
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


def test_model_line_names_the_server_that_gets_the_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    assert model_line(Settings()).startswith("Model: OpenAI (")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere/v1")
    assert model_line(Settings()).startswith("Model: the server at OPENAI_BASE_URL (")


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
