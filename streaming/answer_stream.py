"""The stream of a chat inside its workflow: bounded, and the same for every reader."""

from durable_agents import encoded_size

from streaming.models import (
    MAX_STREAM_BYTES,
    StreamEvent,
    StreamPage,
    StreamState,
    TextChunk,
    Turn,
)

EVENT_BYTES = 120
"""Size of an event without its text: it counts, so many small pieces are also limited."""


class AnswerStream:
    """Collects the events of a turn, and keeps those of the turn before it.

    A turn's events are dropped one turn late, so a reader that is a little behind still gets each
    of them once. Offsets count all events of the chat, including dropped ones and earlier runs.
    """

    def __init__(self, state: StreamState) -> None:
        self._state = state
        self._turn = 0
        self._size = 0
        self._received: dict[str, tuple[int, int]] = {}  # call: attempt and number of its last text

    @property
    def busy(self) -> bool:
        """Whether a turn is in flight."""
        return self._turn > 0

    def start(self, turn: int, question: str, id: str) -> None:
        """Start a turn."""
        self._turn, self._size = turn, 0
        self._add(StreamEvent(kind="question", turn=turn, text=question, id=id))

    def add_text(self, chunk: TextChunk) -> None:
        """Add text of the turn in flight.

        Duplicates are dropped, and so is the text of an attempt that a later one has replaced: its
        worker may still be running. Above `MAX_STREAM_BYTES`, readers wait for the answer.
        """
        position = (chunk.attempt, chunk.number)
        if not self.busy or position <= self._received.get(chunk.call, (0, 0)):
            return
        self._received[chunk.call] = position
        self._size += encoded_size(chunk.text) + EVENT_BYTES
        if self._size <= MAX_STREAM_BYTES:
            fields = chunk.model_dump(exclude={"number"})
            self._add(StreamEvent(kind="text", turn=self._turn, **fields))

    def finish(self, answer: str) -> None:
        """Finish the turn with its answer, which replaces all partial text."""
        self._finish(StreamEvent(kind="answer", turn=self._turn, text=answer))

    def fail(self, reason: str) -> None:
        """Finish the turn without an answer."""
        self._finish(StreamEvent(kind="failure", turn=self._turn, text=reason))

    def read(self, offset: int, turns: list[Turn]) -> StreamPage:
        """Return the events from `offset` on; all that are kept, if some of those were dropped."""
        first, events = self._state.first, self._state.events
        if first <= offset <= first + len(events):
            events = events[offset - first :]
            return StreamPage(first=first, offset=offset, events=events, busy=self.busy)
        oldest = events[0].turn if events else 0
        earlier = [turn for turn in turns if turn.number < oldest]
        return StreamPage(first=first, offset=first, events=events, earlier=earlier, busy=self.busy)

    def _finish(self, event: StreamEvent) -> None:
        self._add(event)
        self._turn = 0
        kept = [each for each in self._state.events if each.turn >= event.turn]
        self._state.first += len(self._state.events) - len(kept)
        self._state.events = kept

    def _add(self, event: StreamEvent) -> None:
        self._state.events.append(event)
