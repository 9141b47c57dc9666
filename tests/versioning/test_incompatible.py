"""Incompatible code gets an auto-upgraded chat stuck; a rollback or a patch recovers it."""

from durable_agents import connect

import asyncio
import inspect
import sys
from importlib import import_module
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.common import AutoUpgradeVersioningOverride
from temporalio.worker import Plugin, Replayer
from temporalio.workflow import NondeterminismError

from tests.harness.workers import promptly
from tests.versioning.builds import Handle, end, rollout, say, start, worker
from versioning.chat import Chat
from versioning.deployment import Deployment
from versioning.run_worker import BUILDS


async def stuck_chat(deployment: Deployment) -> tuple[Handle, asyncio.Task[str]]:
    """Start a chat that follows the current version, and get it stuck on v2; return its message."""
    chat = await start(deployment, AutoUpgradeVersioningOverride())
    await say(chat, "one")
    await deployment.set_current("v2")
    pending = asyncio.create_task(say(chat, "two"))
    failure = await promptly(Chat(deployment, chat.id).failure(), "the failed task")
    assert "TMPRL1100" in failure
    assert "list_stock" in failure
    assert not pending.done()
    return chat, pending


async def test_auto_upgraded_chat_is_stuck_on_incompatible_code_until_a_rollback() -> None:
    async with rollout() as deployment:
        chat, pending = await stuck_chat(deployment)
        await deployment.set_current("v1")
        assert await pending == "Re: two"
        assert await deployment.build_of(chat.id) == "v1"
        assert await end(chat) == 2


@pytest.mark.exhaustive
async def test_patched_code_recovers_a_stuck_chat() -> None:
    async with rollout() as deployment, worker("v2-patched"):
        chat, pending = await stuck_chat(deployment)
        await deployment.set_current("v2-patched")
        assert await pending == "Re: two with stock"
        assert await deployment.build_of(chat.id) == "v2-patched"
        assert await end(chat) == 2


async def replay(recorded: WorkflowHistory, code: type) -> None:
    """Replay a history on a workflow's code; raise an exception if it does not replay."""
    plugins = (await connect()).config()["plugins"]
    workers = [plugin for plugin in plugins if isinstance(plugin, Plugin)]
    await Replayer(workflows=[code], plugins=workers).replay_workflow(recorded)


async def history_of_v1() -> WorkflowHistory:
    """Return the history of a chat that v1 has answered."""
    async with rollout() as deployment:
        chat = await start(deployment)
        await say(chat, "one")
        await end(chat)
        return await chat.fetch_history()


async def test_turns_of_v1_replay_on_v1_and_on_patched_code_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    of_v1 = await history_of_v1()
    await replay(of_v1, BUILDS["v1"])
    await replay(of_v1, BUILDS["v2-patched"])
    with pytest.raises(NondeterminismError, match="list_stock"):
        await replay(of_v1, BUILDS["v2"])


def changed_code() -> str:
    """Return v1's module with another prompt, another model, and a tool."""
    text = inspect.getsource(sys.modules[BUILDS["v1"].__module__])
    stock = "    from versioning.activities.stock import list_stock\n"
    for old, new in [
        ("import require_text", "import activity_tool, require_text"),
        ("    from versioning.models", f"{stock}    from versioning.models"),
        ("You give gardening advice", "You are a laconic gardener"),
        (
            "instructions=instructions",
            "instructions=instructions, model='another', tools=[activity_tool(list_stock)]",
        ),
    ]:
        assert old in text
        text = text.replace(old, new, 1)
    return text


async def test_other_prompt_model_and_tools_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    (tmp_path / "changed_chat.py").write_text(changed_code(), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    await replay(await history_of_v1(), import_module("changed_chat").VersionedChatWorkflow)
