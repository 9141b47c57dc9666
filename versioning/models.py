"""The state of a chat. It is what one version of the code passes to another."""

from durable_agents import TooLarge, encoded_size
from durable_agents.messages import ModelInput, last_turns_within, model_input_of, remember

from typing import cast

from agents import RunResult, TResponseInputItem
from pydantic import BaseModel, Field

MAX_MESSAGE_LENGTH = 4_000  # characters
MAX_TURN_BYTES = 50_000  # a message and its answer
MAX_HISTORY_BYTES = 128_000  # each model call records the whole history again
MAX_KNOWN_ANSWERS = 20  # messages that are recognized when they are resent


class ChatState(BaseModel):
    """The state of a chat, carried from run to run.

    A newer version reads what an older one wrote and, after a rollback, an older one reads what a
    newer one wrote: give new fields a default, and never rename or retype one.
    """

    items: ModelInput = Field(default=[], description="What the model is shown: the last turns")
    answers: dict[str, str] = Field(default={}, description="The last answers, by update id")
    turns: int = Field(default=0, description="Messages answered so far")

    def input_with(self, text: str) -> list[TResponseInputItem]:
        """Return the model input with one more message."""
        items = [*self.items, {"role": "user", "content": text}]
        return cast("list[TResponseInputItem]", items)

    def with_turn(self, result: RunResult) -> "ChatState":
        """Return a copy with the turn of the current update; drop the oldest at the size limit.

        Raises:
            TooLarge: The turn exceeds `MAX_TURN_BYTES`.
        """
        items = model_input_of(result)
        if (size := encoded_size(items[len(self.items) :])) > MAX_TURN_BYTES:
            raise TooLarge("the turn", size, MAX_TURN_BYTES)
        update = {
            "items": last_turns_within(MAX_HISTORY_BYTES, items),
            "answers": remember(self.answers, result.final_output_as(str), MAX_KNOWN_ANSWERS),
            "turns": self.turns + 1,
        }
        return self.model_copy(update=update)
