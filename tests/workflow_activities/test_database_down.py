"""A database outage delays no reply, and afterwards every row exists once."""

from durable_agents import root_cause

import sqlite3
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError

from sample_cli.processes import until
from tests.harness.workers import serving
from tests.workflow_activities.conversations import (
    accepted,
    end,
    next_run,
    rejection,
    replies,
    rows,
    say,
    set_limit,
    start,
)
from tests.workflow_activities.outage import saved, talk_while_down
from workflow_activities import limits
from workflow_activities.run_worker import build_worker
from workflow_activities.storage import TURNS

pytestmark = pytest.mark.usefixtures("fast_retries")


async def test_rows_are_written_once_a_missing_folder_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'later' / 'conversations.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    await talk_while_down(url, (tmp_path / "later").mkdir)


async def test_rows_are_written_once_a_locked_file_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "conversations.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    holder = sqlite3.connect(file, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    await talk_while_down(f"sqlite:///{file}", holder.close)


async def test_pending_turns_pass_from_run_to_run_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'later' / 'conversations.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    set_limit(monkeypatch, "TURNS_PER_RUN", 2)
    monkeypatch.setattr(limits, "MAX_PENDING_TURNS", 4)
    model = replies("A.", "B.", "C.", "D.", "E.")
    async with serving(build_worker, model) as client:
        handle = await start(client)
        runs = {(await handle.describe()).run_id}
        for number, text in enumerate(["one", "two", "three", "four"], start=1):
            await say(handle, text)
            if number % 2 == 0:
                await next_run(handle, runs)
        error = await rejection(handle, "five")
        assert (error.type, error.message.partition(";")[0]) == (
            "BacklogFull",
            "4 turns are waiting for the database or notifications",
        )
        kinds = [event.event_type for event in (await handle.fetch_history()).events]
        assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED not in kinds
        (tmp_path / "later").mkdir()
        await until(saved(handle, 4))
        assert await say(handle, "five") == "E."
        report = await end(handle)
    assert [row.message for row in await rows(url, TURNS)] == [
        "one",
        "two",
        "three",
        "four",
        "five",
    ]
    assert (report.turns, report.batches, report.notifications_sent) == (5, 1, 5)


async def test_pending_message_is_rejected_when_the_backlog_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'later' / 'conversations.db'}")
    monkeypatch.setattr(limits, "MAX_PENDING_TURNS", 1)
    async with serving(build_worker, model := replies("A.", "B.")) as client:
        handle = await start(client)
        first, second = await accepted(handle, "one", "two")
        assert await first.result() == "A."
        with pytest.raises(WorkflowUpdateFailedError) as failure:
            await second.result()
        cause = root_cause(failure.value)
        assert (cause.type, "the limit is 1, or 800,000 bytes" in cause.message) == (
            "BacklogFull",
            True,
        )
        (tmp_path / "later").mkdir()
        assert (await end(handle)).turns == 1
    assert len(model.calls) == 1
