"""The result of the workflow."""

from pydantic import BaseModel, Field


class ReasoningResult(BaseModel):
    """A model's answer and its reasoning."""

    prompt: str
    reasoning_content: str | None = Field(description="None if the model exposes no reasoning")
    regular_content: str
