"""The state of a conversation, which each run passes to the next."""

from durable_agents import encoded_size

from dataclasses import dataclass, field
from typing import TypeVar

from temporalio.exceptions import ApplicationError

from workflow_activities import limits
from workflow_activities.models import KINDS, Event, Failure, Kind, Turn

T = TypeVar("T")


@dataclass
class State:
    """The state of a conversation, bounded in size by `limits`.

    A dataclass, because the agents plugin serializes only the fields of a pydantic model that were
    set: it would drop defaults and lists that were only appended to.
    """

    turns: int = 0
    pending: list[Turn] = field(default_factory=list)  # turns with a step that has not finished
    finished: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))  # the last
    failed_notifications: int = 0
    context: list[Turn] = field(default_factory=list)  # answered turns shown to the model
    answers: dict[str, str | Failure] = field(default_factory=dict)  # the latest, by update id
    events: list[Event] = field(default_factory=list)  # the latest

    def check_room(self) -> None:
        """Check that the backlog of unrecorded turns has room for another.

        Raises:
            ApplicationError: It is full (`BacklogFull`, non-retryable).
        """
        count, size = len(self.pending), encoded_size(self.pending)
        if count >= limits.MAX_PENDING_TURNS or size >= limits.MAX_PENDING_BYTES:
            raise ApplicationError(
                f"{count} turns are waiting for the database or notifications; the limit is "
                f"{limits.MAX_PENDING_TURNS}, or {limits.MAX_PENDING_BYTES:,} bytes. "
                "Send the message again later",
                type="BacklogFull",
                non_retryable=True,
            )

    def complete_turn(self, message: str, answer: str | Failure, update_id: str) -> None:
        """Add a turn with its reply or failure; its steps become due."""
        self.turns += 1
        if isinstance(answer, Failure):
            turn = Turn(number=self.turns, message=message, error=str(answer))
        else:
            turn = Turn(number=self.turns, message=message, reply=answer)
            context = [*self.context, turn]
            self.context = _last_within(context, limits.MAX_CONTEXT_TURNS, limits.MAX_CONTEXT_BYTES)
        self.pending.append(turn)
        answers = [*self.answers.items(), (update_id, answer)]
        self.answers = dict(_last_within(answers, limits.MAX_ANSWERS, limits.MAX_ANSWERS_BYTES))

    def due(self, kind: Kind) -> list[Turn]:
        """Return the turns of the next step of a kind, or nothing if it is not due.

        A batch is due once its turns are saved. A step stays due until it has finished.
        """
        size = limits.BATCH_SIZE if kind == "batch" else 1
        last = self.finished[kind] * size
        turns = [turn for turn in self.pending if last < turn.number <= last + size]
        is_complete = last + size <= (self.finished["save"] if kind == "batch" else self.turns)
        return turns if is_complete else []

    def finish_step(self, event: Event) -> None:
        """Add the outcome of a step; drop the turns whose steps have all finished."""
        self.finished[event.kind] = event.number
        self.failed_notifications += (event.kind, event.outcome) == ("notification", "failed")
        saved, notified, batched = (self.finished[kind] for kind in KINDS)
        done = min(saved, notified, batched * limits.BATCH_SIZE)
        self.pending = [turn for turn in self.pending if turn.number > done]
        event.detail = event.detail[: limits.MAX_ERROR_LENGTH]
        events = [*self.events, event]
        self.events = _last_within(events, limits.MAX_EVENTS, limits.MAX_EVENTS_BYTES)


def _last_within(items: list[T], count: int, size: int) -> list[T]:
    """Return the last items: at most `count`, and at most `size` bytes of JSON."""
    kept = items[-count:]
    while encoded_size(kept) > size:
        del kept[0]
    return kept
