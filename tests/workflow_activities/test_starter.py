"""The starter's output, failures, and argument checks."""

import asyncio
import json
from pathlib import Path

import pytest
import typer
from agents.testing import ModelStep, ScriptedModel, assistant_message
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from sample_cli.processes import until
from tests.harness.workers import serving
from tests.workflow_activities.conversations import replies
from workflow_activities import client as progress
from workflow_activities.run_conversation_workflow import main
from workflow_activities.run_worker import build_worker

FOUR_TURNS = [
    *[(kind, turn, "done") for turn in (1, 2) for kind in ("save", "notification")],
    ("save", 3, "done"),
    ("notification", 3, "done"),
    ("batch", 1, "done"),
    ("save", 4, "done"),
    ("notification", 4, "done"),
]


async def test_starter_shows_replies_events_and_the_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = replies("One.", "Two.", "Three.", "Four.")
    async with serving(build_worker, model):
        await main()
    lines, _, report = capsys.readouterr().out.partition("report: ")
    shown = [line.split(",")[0] for line in lines.splitlines()]
    assert shown[1:8:2] == ["One.", "Two.", "Three.", "Four."]
    assert shown[8:] == [f"{kind} {number}: {outcome}" for kind, number, outcome in FOUR_TURNS]
    recorded = json.loads(report)
    assert (recorded["turns"], recorded["batches"], recorded["notifications_sent"]) == (4, 1, 4)


async def test_starter_fails_after_a_failed_turn_and_still_shows_the_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = ModelStep.raise_error(ApplicationError("no", type="Broken", non_retryable=True))
    model = ScriptedModel([broken, [assistant_message("B.")]])
    async with serving(build_worker, model):
        with pytest.raises(WorkflowUpdateFailedError):
            await main(message=["one", "two"])
    lines, _, report = capsys.readouterr().out.partition("report: ")
    assert lines.splitlines()[:4] == ["> one", "No reply. Broken: no", "> two", "B."]
    assert json.loads(report)["failed_turns"] == 1


async def test_starter_rejects_ended_conversation_and_invalid_arguments() -> None:
    async with serving(build_worker, replies("A.")):
        await main(message=["one"], task_id="only-once")
        with pytest.raises(typer.BadParameter, match="has ended"):
            await main(message=["two"], task_id="only-once")
        with pytest.raises(typer.BadParameter, match="letters, digits"):
            await main(task_id="a b")
        with pytest.raises(typer.BadParameter, match="text is empty"):
            await main(message=["one", " "])


@pytest.mark.usefixtures("fast_retries")
async def test_starter_shows_the_failure_of_a_retried_activity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'later' / 'conversations.db'}")
    monkeypatch.setattr(progress, "REPORT_INTERVAL", 0.1)
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
