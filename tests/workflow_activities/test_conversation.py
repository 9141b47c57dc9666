"""Every turn is saved, announced and batched, including failed ones."""

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from tests.harness.workers import input_texts, serving
from tests.workflow_activities.conversations import (
    end,
    events,
    outcomes,
    rejection,
    replies,
    rows,
    say,
    start,
)
from workflow_activities.limits import MAX_MESSAGE_LENGTH
from workflow_activities.run_worker import build_worker
from workflow_activities.storage import BATCHES, TURNS

FOUR_TURNS = [
    *[(kind, turn, "done") for turn in (1, 2) for kind in ("save", "notification")],
    ("save", 3, "done"),
    ("notification", 3, "done"),
    ("batch", 1, "done"),
    ("save", 4, "done"),
    ("notification", 4, "done"),
]


async def test_turns_are_saved_and_every_third_closes_a_batch(url: str) -> None:
    async with serving(build_worker, replies("A b.", "C.", "D.", "E.")) as client:
        handle = await start(client)
        for text in ("one", "two words", "three", "four"):
            await say(handle, text)
        report = await end(handle)
        assert sorted(await outcomes(handle)) == sorted(FOUR_TURNS)
    assert [(row.turn, row.message, row.reply, row.error) for row in await rows(url, TURNS)] == [
        (1, "one", "A b.", None),
        (2, "two words", "C.", None),
        (3, "three", "D.", None),
        (4, "four", "E.", None),
    ]
    [batch] = await rows(url, BATCHES)
    assert (batch.task_id, batch.first_turn, batch.last_turn, batch.words) == ("task", 1, 3, 8)
    assert (report.turns, report.failed_turns, report.batches, report.words) == (4, 0, 1, 8)


async def test_failed_turn_is_recorded_and_hidden_from_the_model(url: str) -> None:
    broken = ModelStep.raise_error(ApplicationError("no", type="Broken", non_retryable=True))
    model = ScriptedModel([[assistant_message("A.")], broken, [assistant_message("C.")]])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        assert await say(handle, "one") == "A."
        error = await rejection(handle, "two")
        assert (error.type, error.message) == ("Broken", "no")
        assert await say(handle, "three") == "C."
        report = await end(handle)
    assert input_texts(model.calls[2]) == ["one", "A.", "three"]
    assert [(row.reply, row.error) for row in await rows(url, TURNS)] == [
        ("A.", None),
        (None, "Broken: no"),
        ("C.", None),
    ]
    assert (report.turns, report.failed_turns, report.batches) == (3, 1, 1)


async def test_invalid_message_is_rejected_and_leaves_no_event() -> None:
    async with serving(build_worker, replies()) as client:
        handle = await start(client)
        before = len((await handle.fetch_history()).events)
        assert "empty" in (await rejection(handle, " \n")).message
        error = await rejection(handle, "x" * (MAX_MESSAGE_LENGTH + 1))
        assert (error.type, f"{MAX_MESSAGE_LENGTH:,}" in error.message) == ("InvalidInput", True)
        kinds = [event.event_type for event in (await handle.fetch_history()).events[before:]]
        assert not [kind for kind in kinds if "UPDATE" in str(kind)]
        assert (await end(handle)).turns == 0
        assert await events(handle) == []


@pytest.mark.parametrize("task_id", ["", "a b", "../x", "x" * 101, "é"])
async def test_invalid_task_id_fails_the_workflow(task_id: str) -> None:
    async with serving(build_worker, replies()) as client:
        handle = await start(client, task_id)
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "InvalidInput"
