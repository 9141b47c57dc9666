"""Builds that are unknown, or that no worker runs, are reported in one line."""

from durable_agents import connect
from durable_agents.errors import SettingsError

from datetime import timedelta
from pathlib import Path
from unittest.mock import AsyncMock

import pytest

from offline_model.server import OfflineModel
from sample_cli.catalog import ROOT
from tests.harness.processes import ForkedScript
from tests.harness.workers import promptly
from tests.versioning.builds import worker
from versioning.deployment import Deployment, deployment_name
from versioning.worker_processes import WorkerProcesses

TOPIC = ROOT / "versioning"


async def test_worker_of_an_unknown_build_exits_with_one_line(
    model: OfflineModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_WORKER_BUILD_ID", "v9")
    with ForkedScript(TOPIC / "run_worker.py", folder=tmp_path) as script:
        ended = await script.ended()
    assert ended.code == 2
    assert ended.err == "TEMPORAL_WORKER_BUILD_ID is 'v9'; the builds are v1, v2, v2-patched.\n"


async def test_rollout_of_a_build_without_a_worker_exits_with_one_line(
    model: OfflineModel, tmp_path: Path
) -> None:
    async with worker("v2") as deployment:
        await deployment.set_current("v2")
        with ForkedScript(TOPIC / "rollout.py", "v9", folder=tmp_path) as script:
            ended = await script.ended()
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("No worker of build 'v9' polls versioning-task-queue.")
        assert ended.err.count("\n") == 1
        assert (await deployment.versions())["v2"] == "current"


async def test_rollout_shows_the_open_chats_of_each_build(
    model: OfflineModel, tmp_path: Path
) -> None:
    async with worker("v2"):
        with ForkedScript(
            TOPIC / "rollout.py", "v2", "--wake", "--wait", folder=tmp_path
        ) as script:
            ended = await script.ended()
    assert (ended.code, ended.err) == (0, "")
    assert "v2: current, open chats: 0\n" in ended.out


@pytest.mark.exhaustive
async def test_build_whose_worker_has_stopped_cannot_become_current(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with worker("v2") as deployment:
        async with worker("v1"):
            await deployment.set_current("v1")
            await deployment.set_current("v2")
        # The server lists a stopped worker for minutes: only the time of its last poll shows it.
        monkeypatch.setattr("versioning.deployment.POLLED_WITHIN", timedelta())
        with pytest.raises(SettingsError, match="No worker of build 'v1' polls"):
            await deployment.set_current("v1")


async def test_deployment_without_workers_has_no_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    monkeypatch.setenv("TEMPORAL_DEPLOYMENT_NAME", "never-deployed")
    deployment = Deployment(await connect())
    assert deployment_name() == "never-deployed"
    assert await deployment.versions() == {}
    with pytest.raises(SettingsError, match="Builds of never-deployed: none"):
        await deployment.set_current("v1")


async def test_worker_is_awaited_until_its_build_is_registered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    registered = AsyncMock(side_effect=[{}, {}, {"v1": "inactive"}])
    monkeypatch.setattr(Deployment, "workers", AsyncMock(return_value={"polls already"}))
    monkeypatch.setattr(Deployment, "versions", registered)
    await promptly(Deployment(await connect()).wait_for_worker("v1"), "the registration")
    assert registered.await_count == 3


@pytest.mark.exhaustive
async def test_worker_process_that_exits_is_reported(model: OfflineModel) -> None:
    deployment = Deployment(await connect())
    async with WorkerProcesses(deployment) as workers:
        with pytest.raises(
            SettingsError, match=r"worker of v9 exited with code 2: .* the builds are v1"
        ):
            await workers.start("v9")
