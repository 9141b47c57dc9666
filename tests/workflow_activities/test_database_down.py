"""A database that is down holds up no reply; when it is back, nothing is missing or double."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from sample_cli.processes import until
from tests.support import serving
from tests.workflow_activities.outage import saved, talk_while_down
from tests.workflow_activities.talking import end, next_run, refusal, replies, rows, say, start
from workflow_activities import limits, state, watching
from workflow_activities.run_conversation_workflow import main
from workflow_activities.run_worker import build_worker
from workflow_activities.storage import TURNS

pytestmark = pytest.mark.usefixtures("soon")


async def test_a_folder_that_is_not_there_gets_its_file_when_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'later' / 'conversations.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    await talk_while_down(url, (tmp_path / "later").mkdir)


async def test_a_file_that_is_locked_gets_its_rows_when_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "conversations.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    holder = sqlite3.connect(file, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    await talk_while_down(f"sqlite:///{file}", holder.close)


async def test_turns_wait_for_a_database_across_runs_and_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'later' / 'conversations.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setattr(limits, "TURNS_A_RUN", 2)
    monkeypatch.setattr(limits, "CONTINUE_TIMEOUT", timedelta(milliseconds=200))
    monkeypatch.setattr(state, "MAX_PENDING_TURNS", 4)
    model = replies("A.", "B.", "C.", "D.", "E.")
    async with serving(build_worker, model) as client:
        handle = await start(client)
        runs = {(await handle.describe()).run_id}
        for number, text in enumerate(["one", "two", "three", "four"], start=1):
            await say(handle, text)
            if number % 2 == 0:
                await next_run(handle, runs)
        error = await refusal(handle, "five")
        assert (error.type, error.message.partition(";")[0]) == (
            "BacklogFull",
            "4 turns are waiting for the database or notifications",
        )
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


async def test_starter_shows_the_failure_that_it_waits_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'later' / 'conversations.db'}")
    monkeypatch.setattr(watching, "SILENCE", 0.1)
    shown = ""

    async def failure_shown() -> bool:
        nonlocal shown
        shown += capsys.readouterr().out
        return "... save_to_database, attempt " in shown

    async with serving(build_worker, replies("A.")):
        starter = asyncio.create_task(main(message=["one"]))
        await until(failure_shown)
        assert "unable to open database file" in shown
        (tmp_path / "later").mkdir()
        await starter
