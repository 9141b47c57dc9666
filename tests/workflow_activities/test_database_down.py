"""A database that is down holds up no reply; when it is back, nothing is missing or double."""

import sqlite3
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError

from sample_cli.processes import until
from tests.support import serving
from tests.workflow_activities.outage import talk_while_down, tried_in_vain
from tests.workflow_activities.talking import replies, rows, say, start
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


async def test_a_cancelled_conversation_is_recorded_before_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'later' / 'conversations.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    async with serving(build_worker, replies("A.")) as client:
        handle = await start(client)
        await say(handle, "one")
        await until(tried_in_vain(handle))
        await handle.cancel()
        (tmp_path / "later").mkdir()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert [row.reply for row in await rows(url, TURNS)] == ["A."]
