"""The stream that the workflow keeps: bounded, in order, each text once, from the last attempt."""

from collections.abc import Callable

import pytest

from streaming.answer_stream import EVENT_BYTES, AnswerStream
from streaming.models import MAX_STREAM_BYTES, StreamState, TextChunk, Turn

TURNS = [Turn(number=n, id=f"{n}", question=f"Q{n}", answer=f"A{n}") for n in (1, 2, 3)]


@pytest.fixture
def stream() -> AnswerStream:
    return AnswerStream(StreamState())


def chunk(number: int, text: str, attempt: int = 1, call: str = "1") -> TextChunk:
    return TextChunk(call=call, attempt=attempt, number=number, text=text)


def texts(stream: AnswerStream, offset: int = -1) -> list[str]:
    return [event.text for event in stream.read(offset, TURNS).events]


def run_turn(stream: AnswerStream, number: int) -> None:
    stream.start(number, f"Q{number}", f"{number}")
    stream.add_text(chunk(1, f"a{number}", call=f"{number}"))
    stream.finish(f"A{number}")


def test_reader_continues_at_its_offset(stream: AnswerStream) -> None:
    stream.start(1, "Q1", "id")
    page = stream.read(-1, [])
    assert (page.earlier, page.end, page.busy, page.events[0].id) == ([], 1, True, "id")
    stream.add_text(chunk(1, "Once "))
    page = stream.read(page.end, [])
    assert (page.earlier, page.end) == (None, 2)
    assert [(event.kind, event.text) for event in page.events] == [("text", "Once ")]
    stream.finish("Once upon")
    assert texts(stream, 2) == ["Once upon"]
    assert texts(stream, 3) == []
    assert not stream.read(3, []).busy


def test_duplicates_and_text_of_a_replaced_attempt_are_dropped(stream: AnswerStream) -> None:
    stream.start(1, "Q1", "")
    for part in (
        chunk(1, "one"),
        chunk(1, "one"),
        chunk(1, "", attempt=2),
        chunk(2, "two"),  # the worker of the first attempt is still running
        chunk(2, "ONE", attempt=2),
        chunk(1, "other call", call="2"),
        chunk(2, "ONE", attempt=2),
    ):
        stream.add_text(part)
    assert texts(stream) == ["Q1", "one", "", "ONE", "other call"]


def test_text_between_turns_is_dropped(stream: AnswerStream) -> None:
    stream.add_text(chunk(1, "early"))
    run_turn(stream, 1)
    stream.add_text(chunk(2, "late"))
    stream.start(2, "Q2", "")
    stream.add_text(chunk(1, "again"))
    assert texts(stream) == ["Q1", "a1", "A1", "Q2"]


@pytest.mark.parametrize("finish", [AnswerStream.finish, AnswerStream.fail])
def test_events_are_dropped_one_turn_late(
    stream: AnswerStream, finish: Callable[[AnswerStream, str], None]
) -> None:
    run_turn(stream, 1)
    stream.start(2, "Q2", "2")
    assert texts(stream, 1) == ["a1", "A1", "Q2"], "dropped too early"
    finish(stream, "A2")
    page = stream.read(1, TURNS)
    assert (page.first, page.offset, page.end) == (3, 3, 5)
    assert page.earlier == TURNS[:1], "a reader at a dropped offset gets the transcript"
    assert texts(stream, 3) == ["Q2", "A2"]


def test_reader_with_an_offset_of_another_chat_gets_everything(stream: AnswerStream) -> None:
    run_turn(stream, 1)
    assert stream.read(99, TURNS).offset == 0
    assert texts(stream, 99) == ["Q1", "a1", "A1"]


def test_stream_continues_in_the_next_run() -> None:
    state = StreamState()
    run_turn(AnswerStream(state), 1)
    stream = AnswerStream(StreamState.model_validate_json(state.model_dump_json()))
    run_turn(stream, 2)
    assert texts(stream, 3) == ["Q2", "a2", "A2"]
    assert not stream.read(6, TURNS).busy


@pytest.mark.parametrize("size", [1, 1_000, 100_000])
def test_text_of_a_turn_is_bounded(stream: AnswerStream, size: int) -> None:
    for turn in (1, 2):
        stream.start(turn, "Q", "")
        for number in range(1, 2 + 2 * MAX_STREAM_BYTES // (size + EVENT_BYTES)):
            stream.add_text(chunk(number, "\u00e4" * (size // 2) + "x", call=f"{turn}"))
        stream.finish("The answer")
        page = stream.read(-1, [])
        assert len(page.model_dump_json().encode()) < MAX_STREAM_BYTES * 1.3
        assert page.events[-1].text == "The answer"
        assert len(page.events) > 2
