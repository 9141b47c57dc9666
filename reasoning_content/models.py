"""What the workflow of this topic hands its starter."""

from pydantic import BaseModel, Field


class ReasoningResult(BaseModel):
    """An answer, and the thoughts that led to it."""

    prompt: str
    reasoning_content: str | None = Field(description="None where the model shows no thoughts")
    regular_content: str
