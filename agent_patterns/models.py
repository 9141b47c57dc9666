"""Structured outputs of the agents in this topic."""

from typing import Literal

from pydantic import BaseModel, Field


class OutlineCheck(BaseModel):
    """The verdict on an outline; the gate before the story is written."""

    good_quality: bool = Field(description="Whether the outline could become a good story")
    is_science_fiction: bool
    reason: str = Field(description="The reason, in one sentence addressed to the author")

    @property
    def passed(self) -> bool:
        """Whether to write the story."""
        return self.good_quality and self.is_science_fiction


class Choice(BaseModel):
    """The number of the best option."""

    number: int = Field(ge=1)


class Verdict(BaseModel):
    """A judge's verdict on a draft."""

    score: Literal["pass", "needs_improvement", "fail"]
    feedback: str = Field(description="What to change in the next draft")


class HomeworkCheck(BaseModel):
    """The verdict of the homework guardrail."""

    is_homework: bool = Field(description="Whether the user wants their maths homework done")


class Quote(BaseModel):
    """The price of a stay."""

    nights: int
    euros: int
