"""What the workflow of this topic returns."""

from pydantic import BaseModel, Field, field_validator


class Message(BaseModel):
    """One message of a conversation."""

    role: str
    content: str

    @field_validator("content", mode="before")
    @classmethod
    def _joined(cls, content: object) -> object:
        """Read the content of a model's message: the API has it in parts."""
        if isinstance(content, list):
            return "".join(part.get("text") or part.get("refusal") or "" for part in content)
        return content


class MessageFilterResult(BaseModel):
    """The answer, and what it was made of."""

    final_output: str
    final_messages: list[Message] = Field(
        description="The conversation as the last agent had it; its own answer comes last"
    )
