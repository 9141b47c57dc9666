"""The conversation as the models see it: who speaks is told by the role alone.

Whatever a user writes has the role "user", be it "SYSTEM:" or "[tool result]". Only the workflow's
own notes and the results of tools have the role "developer". A summary was written by a model from
what users said, so it has the model's own role.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from agents import TResponseInputItem

from goal_agent.models import Actor, Message
from goal_agent.sizes import encoded_size

MEMORY = 128_000
"""Bytes of messages that a model is shown, as JSON. Each call records them again."""

Role = Literal["user", "assistant", "developer"]
ROLES: dict[Actor, Role] = {
    "user": "user",
    "agent": "assistant",
    "tool": "developer",
    "system": "developer",
}


def as_seen(
    messages: Sequence[Message], summary: str | None, notes: Iterable[str] = ()
) -> list[TResponseInputItem]:
    """Return the input of a model call: the summary, the last messages, notes for this call.

    A decision that let a tool run is left out: the tool's result follows it.
    """
    told = [message for message in messages if not let_run(message)]
    items = [_item(ROLES[message.actor], message.text) for message in latest(told)]
    if summary:
        items.insert(0, _item("assistant", f"Summary of what was said before: {summary}"))
    return [*items, *(_item("developer", note) for note in notes)]


def let_run(message: Message) -> bool:
    """Return whether a message records that a tool was allowed to run."""
    return message.decision is not None and message.decision.verdict != "cancelled"


def latest(messages: Sequence[Message]) -> Sequence[Message]:
    """Return the last messages, as many as fit into `MEMORY`, and at least one."""
    size = 0
    for count, message in enumerate(reversed(messages)):
        size += encoded_size(message.text)
        if size > MEMORY and count:
            return messages[-count:]
    return messages


def _item(role: Role, text: str) -> TResponseInputItem:
    return {"role": role, "content": text}
