"""Cancellation stops the model call at once, and closes the workflow within a limit."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from agents.items import TResponseOutputItem
from agents.testing import ModelCall, ModelStep, ScriptedModel
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, CancelledError

from sample_cli.processes import until
from tests.harness.workers import serving
from tests.workflow_activities.conversations import (
    Handle,
    accepted,
    replies,
    rows,
    say,
    set_limit,
    start,
)
from tests.workflow_activities.outage import is_retrying
from workflow_activities.run_worker import build_worker
from workflow_activities.storage import TURNS

NOTICED_WITHIN = 1.0  # seconds


class SlowModel(ScriptedModel):
    """A model that never answers, and records when its caller disconnects."""

    def __init__(self) -> None:
        super().__init__([ModelStep.respond(self._think)])
        self.thinking = asyncio.Event()
        self.left = asyncio.Event()

    async def _think(self, call: ModelCall) -> Sequence[TResponseOutputItem]:
        self.thinking.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        return []


async def assert_cancelled(handle: Handle) -> None:
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert isinstance(failure.value.cause, CancelledError)


async def test_cancel_reaches_the_turn_in_flight_and_pending_ones(url: str) -> None:
    async with serving(build_worker, model := SlowModel()) as client:
        handle = await start(client)
        sent = await accepted(handle, "one", "two")
        await model.thinking.wait()
        cancelled_at = time.monotonic()
        await handle.cancel()
        await model.left.wait()
        assert time.monotonic() - cancelled_at < NOTICED_WITHIN
        for update in sent:
            with pytest.raises(WorkflowUpdateFailedError) as failure:
                await update.result()
            assert isinstance(failure.value.cause, ApplicationError)
            assert failure.value.cause.type == "Cancelled"
        await assert_cancelled(handle)
    assert len(model.calls) == 1
    assert [(row.message, row.error) for row in await rows(url, TURNS)] == [
        ("one", "Cancelled: the conversation was cancelled"),
        ("two", "Cancelled: the conversation was cancelled"),
    ]


@pytest.mark.usefixtures("fast_retries")
async def test_cancelled_conversation_is_recorded_before_it_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'later' / 'conversations.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    async with serving(build_worker, replies("A.")) as client:
        handle = await start(client)
        await say(handle, "one")
        await until(is_retrying(handle))
        await handle.cancel()
        (tmp_path / "later").mkdir()
        await assert_cancelled(handle)
    assert [row.reply for row in await rows(url, TURNS)] == ["A."]


@pytest.mark.usefixtures("fast_retries")
async def test_cancelled_conversation_closes_when_the_database_stays_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'never' / 'conversations.db'}")
    set_limit(monkeypatch, "CANCEL_TIMEOUT", timedelta(milliseconds=200))
    async with serving(build_worker, replies("A.")) as client:
        handle = await start(client)
        await say(handle, "one")
        await until(is_retrying(handle))
        await handle.cancel()
        async with asyncio.timeout(10):
            await assert_cancelled(handle)
