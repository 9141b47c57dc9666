"""All that a conversation is: what one run hands to the next, and how a turn changes it."""

from agents import TResponseInputItem
from pydantic import BaseModel, Field

from workflow_activities.limits import BATCH, EVENTS, REMEMBERED, REPLIES
from workflow_activities.models import Event, Step, Turn


class State(BaseModel):
    """A conversation.

    No field has a default: the plugin's converter leaves out what was never set.
    """

    turns: int
    remembered: list[Turn] = Field(description="answered turns that the model is shown")
    unbatched: list[Turn]
    batches: int
    todo: list[Step] = Field(description="in the order of the turns")
    events: list[Event]
    notifications_sent: int
    notifications_failed: int
    replies: dict[str, str] = Field(description="the last ones, by the id of their update")

    def prompt(self, text: str) -> list[TResponseInputItem]:
        """Return what the model is shown: answered turns, and the new message."""
        items: list[TResponseInputItem] = []
        for turn in self.remembered:
            items.append({"role": "user", "content": turn.message})
            items.append({"role": "assistant", "content": turn.reply or ""})
        return [*items, {"role": "user", "content": text}]

    def conclude(self, turn: Turn, update_id: str) -> None:
        """Take in a turn that has its reply or error, and plan what is to be done about it."""
        self.turns = turn.number
        if turn.reply is not None:
            self.remembered = [*self.remembered, turn][-REMEMBERED:]
            self.replies = dict([*self.replies.items(), (update_id, turn.reply)][-REPLIES:])
        self.todo.append(Step(kind="save", number=turn.number, turns=[turn]))
        self.todo.append(Step(kind="notification", number=turn.number, turns=[turn]))
        self.unbatched.append(turn)
        if len(self.unbatched) == BATCH:
            self.batches += 1
            self.todo.append(Step(kind="batch", number=self.batches, turns=self.unbatched))
            self.unbatched = []

    def note(self, event: Event) -> None:
        """Take in what became of the first step."""
        del self.todo[0]
        self.events = [*self.events, event][-EVENTS:]
        if event.kind == "notification":
            self.notifications_sent += event.outcome == "done"
            self.notifications_failed += event.outcome == "failed"


def new_state() -> State:
    """Return the state of a conversation that has just begun."""
    return State(
        turns=0,
        remembered=[],
        unbatched=[],
        batches=0,
        todo=[],
        events=[],
        notifications_sent=0,
        notifications_failed=0,
        replies={},
    )
