"""Messages of a conversation, and the result of the workflow."""

from collections.abc import Iterable
from typing import cast

from agents import TResponseInputItem
from pydantic import BaseModel, Field, field_validator


class Message(BaseModel):
    """One message of a conversation."""

    role: str
    content: str

    @field_validator("content", mode="before")
    @classmethod
    def _join_parts(cls, content: object) -> object:
        if isinstance(content, list):  # the API splits a model's message into parts
            return "".join(part.get("text") or part.get("refusal") or "" for part in content)
        return content

    def to_input_item(self) -> TResponseInputItem:
        """Return the message as model input, without an id."""
        return cast(TResponseInputItem, self.model_dump())


class MessageFilterResult(BaseModel):
    """The answer, and the conversation that it is based on."""

    final_output: str
    final_messages: list[Message] = Field(
        description="The conversation as the last agent saw it, ending with its answer"
    )


def messages_of(items: Iterable[TResponseInputItem]) -> list[Message]:
    """Return the messages among `items`, each reduced to its role and text."""
    return [Message.model_validate(item) for item in items if "role" in item]
