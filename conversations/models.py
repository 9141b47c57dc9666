"""The state of a chat, which is carried from run to run, and its history as people see it."""

from durable_agents import TooLarge, encoded_size
from durable_agents.messages import ModelInput, last_turns_within, model_input_of, remember

from typing import Literal

from agents import RunResult
from pydantic import BaseModel, Field, JsonValue

from conversations.limits import MAX_HISTORY_BYTES, MAX_KNOWN_ANSWERS, MAX_TURN_BYTES


class Message(BaseModel):
    """A message of a person, or an answer."""

    role: Literal["user", "assistant"]
    text: str


class ChatState(BaseModel):
    """The state of a chat. Every field has a default, so new code reads old state."""

    items: ModelInput = Field(default=[], description="What the model is shown: the last turns")
    answers: dict[str, str] = Field(default={}, description="The last answers, by update id")
    turns: int = Field(default=0, description="Messages answered so far")
    turns_per_run: int = Field(default=25, ge=1, description="Turns before continuing as new")

    def with_turn(self, result: RunResult) -> "ChatState":
        """Return a copy with the turn of the current update; drop the oldest at the size limit.

        `result` is that of a run that continues `items`, with `following`.

        Raises:
            TooLarge: The turn exceeds `MAX_TURN_BYTES`.
        """
        turn = model_input_of(result)
        if (size := encoded_size(turn)) > MAX_TURN_BYTES:
            raise TooLarge("the turn", size, MAX_TURN_BYTES)
        update = {
            "items": last_turns_within(MAX_HISTORY_BYTES, [*self.items, *turn]),
            "answers": remember(self.answers, result.final_output_as(str), MAX_KNOWN_ANSWERS),
            "turns": self.turns + 1,
        }
        return self.model_copy(update=update)

    def messages(self) -> list[Message]:
        """Return the messages and answers among the items, without tool calls."""
        said = [(item["role"], text_of(item)) for item in self.items if "role" in item]
        return [Message.model_validate({"role": role, "text": text}) for role, text in said]


def text_of(item: dict[str, JsonValue]) -> str:
    """Return the text of a message's content: a string, or a list of parts."""
    content = item.get("content")
    parts = content if isinstance(content, list) else [{"text": content}]
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))
