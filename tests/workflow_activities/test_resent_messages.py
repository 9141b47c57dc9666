"""A message resent under its update id gets the same answer, also from a later run."""

from pathlib import Path

import pytest
from agents.testing import ModelStep, ScriptedModel
from temporalio.exceptions import ApplicationError

from tests.harness.workers import serving
from tests.workflow_activities.conversations import (
    end,
    next_run,
    rejection,
    replies,
    say,
    set_limit,
    start,
)
from workflow_activities.run_worker import build_worker
from workflow_activities.workflows.conversation import ConversationWorkflow


async def test_message_resent_to_a_later_run_gets_the_same_reply(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_limit(monkeypatch, "TURNS_PER_RUN", 1)
    model = replies("A.")
    async with serving(build_worker, model) as client:
        handle = await start(client)
        runs = {(await handle.describe()).run_id}
        assert await say(handle, "one", id="first") == "A."
        await next_run(handle, runs)
        assert await say(handle, "one", id="first") == "A."
        assert (await end(handle)).turns == 1
    assert len(model.calls) == 1


async def test_failed_message_resent_to_a_later_run_gets_the_same_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_limit(monkeypatch, "TURNS_PER_RUN", 1)
    broken = ModelStep.raise_error(ApplicationError("no", type="Broken", non_retryable=True))
    model = ScriptedModel([broken])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        runs = {(await handle.describe()).run_id}
        first = await rejection(handle, "one", id="first")
        await next_run(handle, runs)
        again = await rejection(handle, "one", id="first")
        report = await end(handle)
    assert (first.type, first.message) == (again.type, again.message) == ("Broken", "no")
    assert (report.turns, report.failed_turns, len(model.calls)) == (1, 1, 1)


@pytest.mark.usefixtures("fast_retries")
async def test_message_resent_after_the_end_gets_the_same_reply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'later' / 'conversations.db'}")
    set_limit(monkeypatch, "TURNS_PER_RUN", 1)
    async with serving(build_worker, replies("A.")) as client:
        handle = await start(client)
        runs = {(await handle.describe()).run_id}
        assert await say(handle, "one", id="first") == "A."
        await next_run(handle, runs)
        await handle.execute_update(ConversationWorkflow.end_conversation)
        assert await say(handle, "one", id="first") == "A."
        assert (await rejection(handle, "two")).type == "InvalidInput"
        (tmp_path / "later").mkdir()
        assert (await handle.result()).turns == 1
