"""What a conversation keeps: the latest of each part of its state, and errors of bounded length."""

import pytest
from temporalio.exceptions import ApplicationError

from workflow_activities import limits
from workflow_activities.models import Event, Failure, Kind
from workflow_activities.state import State

ORDER: tuple[Kind, ...] = ("batch", "save", "batch")  # a batch must not be due too early


@pytest.mark.parametrize("length", [1, limits.MAX_REPLY_LENGTH], ids=["by count", "by size"])
def test_state_keeps_the_latest_turns_answers_and_events(length: int) -> None:
    state, turns = State(), 3 * limits.MAX_EVENTS
    text = "\x01" * length  # six bytes of JSON each
    for number in range(1, turns + 1):
        state.complete_turn("m", text, str(number))
        event = Event(kind="notification", number=number, outcome="done", detail=text)
        state.finish_step(event)
    for numbers in (
        [turn.number for turn in state.context],
        [int(update_id) for update_id in state.answers],
        [event.number for event in state.events],
    ):
        assert len(numbers) > 1
        assert numbers == list(range(turns + 1 - len(numbers), turns + 1))


def test_long_errors_are_cut() -> None:
    failure = Failure.of(ApplicationError("x" * 10_000, type="T" * 10_000))
    assert len(failure.type) == limits.MAX_TYPE_LENGTH
    assert len(failure.message) == limits.MAX_ERROR_LENGTH
    state = State()
    state.finish_step(Event(kind="save", number=1, outcome="failed", detail="x" * 10_000))
    assert len(state.events[0].detail) == limits.MAX_ERROR_LENGTH


def test_batch_is_due_once_every_third_turn_is_saved() -> None:
    state, steps = State(), []
    for number in range(1, 8):
        state.complete_turn("m", "r", str(number))
        for kind in ORDER:
            if turns := state.due(kind):
                step = state.finished[kind] + 1
                steps.append((kind, step, [turn.number for turn in turns]))
                state.finish_step(Event(kind=kind, number=step, outcome="done", detail=""))
    assert steps == [
        ("save", 1, [1]),
        ("save", 2, [2]),
        ("save", 3, [3]),
        ("batch", 1, [1, 2, 3]),
        ("save", 4, [4]),
        ("save", 5, [5]),
        ("save", 6, [6]),
        ("batch", 2, [4, 5, 6]),
        ("save", 7, [7]),
    ]
