"""The state of a conversation, which each run passes to the next."""

from durable_agents import encoded_size

from typing import TypeVar

from agents import TResponseInputItem
from pydantic import BaseModel, Field
from temporalio.exceptions import ApplicationError

from workflow_activities.limits import (
    BATCH_SIZE,
    MAX_ANSWERS,
    MAX_ANSWERS_BYTES,
    MAX_CONTEXT_BYTES,
    MAX_CONTEXT_TURNS,
    MAX_ERROR_LENGTH,
    MAX_EVENTS,
    MAX_EVENTS_BYTES,
    MAX_PENDING_BYTES,
    MAX_PENDING_TURNS,
)
from workflow_activities.models import Event, Failure, Kind, Step, Turn

T = TypeVar("T")


class State(BaseModel):
    """The state of a conversation, bounded in size by `limits`.

    No field has a default: the plugin's converter omits fields that were never set.
    """

    turns: int
    saved: int = Field(description="the last turn whose save has finished")
    notified: int = Field(description="the last turn whose notification has finished")
    batches: int = Field(description="the last batch that has finished")
    pending: list[Turn] = Field(description="turns not yet saved, notified and batched")
    context: list[Turn] = Field(description="answered turns shown to the model")
    events: list[Event]
    notifications_sent: int
    notifications_failed: int
    answers: dict[str, str | Failure] = Field(description="the latest, by update id")

    def prompt(self, text: str) -> list[TResponseInputItem]:
        """Return the model input: answered turns, and the new message."""
        items: list[TResponseInputItem] = []
        for turn in self.context:
            items.append({"role": "user", "content": turn.message})
            items.append({"role": "assistant", "content": turn.reply or ""})
        return [*items, {"role": "user", "content": text}]

    def check_room(self) -> None:
        """Check that the backlog of unrecorded turns has room for another.

        Raises:
            ApplicationError: It is full (`BacklogFull`, non-retryable).
        """
        if len(self.pending) < MAX_PENDING_TURNS and encoded_size(self.pending) < MAX_PENDING_BYTES:
            return
        raise ApplicationError(
            f"{len(self.pending)} turns are waiting for the database or notifications; "
            "send the message again later",
            type="BacklogFull",
            non_retryable=True,
        )

    def complete_turn(self, message: str, answer: str | Failure, update_id: str) -> None:
        """Add a turn with its reply or failure; it becomes due to be recorded."""
        self.turns += 1
        if isinstance(answer, Failure):
            turn = Turn(number=self.turns, message=message, error=str(answer))
        else:
            turn = Turn(number=self.turns, message=message, reply=answer)
            context = [*self.context, turn]
            self.context = _last_within(context, MAX_CONTEXT_TURNS, MAX_CONTEXT_BYTES)
        self.pending.append(turn)
        answers = [*self.answers.items(), (update_id, answer)]
        self.answers = dict(_last_within(answers, MAX_ANSWERS, MAX_ANSWERS_BYTES))

    def next_record(self) -> Step | None:
        """Return the save or batch that is due next, if any."""
        if self.batches < self.saved // BATCH_SIZE:
            first = self.batches * BATCH_SIZE
            turns = [turn for turn in self.pending if first < turn.number <= first + BATCH_SIZE]
            return Step(kind="batch", number=self.batches + 1, turns=turns)
        return self._step_for("save", self.saved + 1)

    def next_notification(self) -> Step | None:
        """Return the notification that is due next, if any."""
        return self._step_for("notification", self.notified + 1)

    def record(self, event: Event) -> None:
        """Add the outcome of a step."""
        if event.kind == "save":
            self.saved = event.number
        elif event.kind == "batch":
            self.batches = event.number
        else:
            self.notified = event.number
            self.notifications_sent += event.outcome == "done"
            self.notifications_failed += event.outcome == "failed"
        finished = min(self.saved, self.notified, self.batches * BATCH_SIZE)
        self.pending = [turn for turn in self.pending if turn.number > finished]
        event.detail = event.detail[:MAX_ERROR_LENGTH]
        self.events = _last_within([*self.events, event], MAX_EVENTS, MAX_EVENTS_BYTES)

    def _step_for(self, kind: Kind, number: int) -> Step | None:
        turns = [turn for turn in self.pending if turn.number == number]
        return Step(kind=kind, number=number, turns=turns) if turns else None


def new_state() -> State:
    """Return the state of a new conversation."""
    return State(
        turns=0,
        saved=0,
        notified=0,
        batches=0,
        pending=[],
        context=[],
        events=[],
        notifications_sent=0,
        notifications_failed=0,
        answers={},
    )


def _last_within(items: list[T], count: int, size: int) -> list[T]:
    """Return the last items: at most `count`, and at most `size` bytes of JSON."""
    kept = items[-count:]
    while encoded_size(kept) > size:
        del kept[0]
    return kept
