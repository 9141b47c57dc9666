"""What the agents of this topic answer where code decides on the answer."""

from typing import Literal

from pydantic import BaseModel, Field


class OutlineCheck(BaseModel):
    """The gate between outline and story."""

    good_quality: bool = Field(description="Whether a good story can come of this outline")
    is_science_fiction: bool
    reason: str = Field(description="Why, in one sentence that the author may read")

    @property
    def passed(self) -> bool:
        """Whether the story may be written."""
        return self.good_quality and self.is_science_fiction


class Choice(BaseModel):
    """Which of several numbered options is best."""

    number: int = Field(ge=1)


class Verdict(BaseModel):
    """What a judge thinks of a draft."""

    score: Literal["pass", "needs_improvement", "fail"]
    feedback: str = Field(description="What to change in the next draft")


class HomeworkCheck(BaseModel):
    """What the guardrail's agent thinks of a request."""

    is_homework: bool = Field(description="Whether someone wants their maths homework done")


class Quote(BaseModel):
    """What a stay costs."""

    nights: int
    euros: int
