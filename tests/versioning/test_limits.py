"""Every wait for the server has a limit, and reports what it waits for."""

from durable_agents import connect
from durable_agents.errors import SettingsError

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from offline_model.server import OfflineModel
from sample_cli.catalog import ROOT
from sample_cli.processes import until
from tests.harness.processes import ForkedScript
from tests.harness.workers import promptly
from tests.versioning.builds import rollout, say, start
from versioning.deployment import Deployment
from versioning.rollout import wait_until_drained

SECOND = timedelta(seconds=1)


async def test_wait_for_a_build_that_does_not_drain_reports_its_open_chats(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("versioning.rollout.REPORT_INTERVAL", 0.5)
    async with rollout() as deployment:
        chat = await start(deployment)
        await say(chat, "Hello")
        await deployment.set_current("v2")
        remaining = rf"open chats: 1 \({chat.id}\)"
        with pytest.raises(SettingsError, match=f"v1 has not drained after 0:00:01: {remaining}"):
            await promptly(wait_until_drained(deployment, "v1", SECOND), "the limit")
        report = f"v1 is draining: open chats: 1 ({chat.id}).\n"
        assert capsys.readouterr().out == 2 * report


async def test_current_build_is_not_waited_for() -> None:
    async with rollout() as deployment:
        with pytest.raises(SettingsError, match="v1 is current, so it does not drain"):
            await promptly(wait_until_drained(deployment, "v1", timedelta(days=1)), "the error")


async def test_ctrl_c_ends_the_wait_and_leaves_the_build_current(
    model: OfflineModel, tmp_path: Path
) -> None:
    async with rollout() as deployment:
        await say(await start(deployment), "Hello")
        script = ROOT / "versioning" / "rollout.py"
        with ForkedScript(script, "v2", "--wait", folder=tmp_path) as waiting:

            async def has_started() -> bool:
                return "Waiting until v1 has drained" in waiting.out

            await until(has_started)
            waiting.send(signal.SIGINT)
            ended = await waiting.ended()
        assert (ended.code, ended.err) == (130, "")
        assert (await deployment.versions())["v2"] == "current"


async def test_worker_that_does_not_start_is_reported(
    model: OfflineModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("versioning.deployment.WORKER_TIMEOUT", 0.2)
    waiting = Deployment(await connect()).wait_for_worker("v9")
    with pytest.raises(SettingsError, match=r"No worker of build 'v9' polls .* after 0\.2 s"):
        await promptly(waiting, "the limit")
