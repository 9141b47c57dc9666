"""Addresses to listen on, and a worker's version, from the environment."""

from durable_agents import connect
from durable_agents.environment import deployment_config, listen_address
from durable_agents.errors import SettingsError

from pathlib import Path

import pytest
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from basic.activities.weather import get_weather
from basic.workflows.hello_world import HelloWorldAgent
from sample_cli.catalog import ROOT
from tests.harness.processes import ForkedScript

NAME, BUILD = "TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"
WORKER = ROOT / "basic/run_worker.py"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", None),
        ("127.0.0.1:9000", ("127.0.0.1", 9000)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_address_to_listen_on(
    text: str, address: tuple[str, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_ADDRESS", text)
    assert listen_address("X_ADDRESS") == address


@pytest.mark.parametrize(
    "text",
    ["9000", ":9000", "host", "h:0", "h:65536", "h:+1", "h h:1", "[::1]", "h:1\n", "h:\u0661"],
)
def test_malformed_address_is_rejected(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_ADDRESS", text)
    with pytest.raises(SettingsError, match=r"X_ADDRESS is .*; give HOST:PORT"):
        listen_address("X_ADDRESS")


def test_address_with_an_unknown_host_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_ADDRESS", "no.such.host.invalid:1")
    with pytest.raises(SettingsError, match=r"X_ADDRESS is .* the host is unknown"):
        listen_address("X_ADDRESS")


async def test_worker_has_the_version_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "namespace/agents")
    monkeypatch.setenv(BUILD, "v1.2-abc")
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    client, own = await connect(), WorkerDeploymentVersion("own", "1")
    worker = Worker(client, task_queue="q1", workflows=[HelloWorldAgent])
    config = worker.config(active_config=True)["deployment_config"]
    assert config == WorkerDeploymentConfig(
        WorkerDeploymentVersion("namespace/agents", "v1.2-abc"), True, VersioningBehavior.PINNED
    )
    own_config = WorkerDeploymentConfig(own, False)
    worker = Worker(
        client, task_queue="q2", workflows=[HelloWorldAgent], deployment_config=own_config
    )
    assert worker.config(active_config=True)["deployment_config"] is own_config
    # As the agents plugin creates for the sessions of an MCP server, in a running workflow.
    worker = Worker(client, task_queue="q3", activities=[get_weather])
    assert worker.config(active_config=True)["deployment_config"] is None


def test_worker_has_no_version_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert deployment_config() is None
    monkeypatch.setenv(NAME, "")
    monkeypatch.setenv(BUILD, "")
    assert deployment_config() is None


@pytest.mark.parametrize(
    ("name", "build", "problem"),
    [
        ("agents", "", f"{BUILD} is not set; set both"),
        ("", "1", f"{NAME} is not set; set both"),
        ("a b", "1", f"{NAME} is 'a b'; give"),
        ("agents", "1\n", f"{BUILD} is .*; give"),
        ("agents", "x" * 201, f"{BUILD} is 'x{{200}}'; give"),
    ],
)
def test_invalid_version_is_rejected(
    name: str, build: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, name)
    monkeypatch.setenv(BUILD, build)
    with pytest.raises(SettingsError, match=problem):
        deployment_config()


@pytest.mark.parametrize(
    ("name", "value"), [("PROBE_ADDRESS", "x"), ("METRICS_ADDRESS", "x"), (NAME, "agents")]
)
async def test_invalid_setting_of_a_worker_is_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    with ForkedScript(WORKER, folder=tmp_path) as worker:
        ended = await worker.ended()
    assert ended.code == 2
    assert name in ended.err
    assert ended.err.count("\n") == 1
