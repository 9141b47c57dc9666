"""The planner's structured output."""

from pydantic import BaseModel, Field

from research_bot.pipeline.models import WebSearchItem


class WebSearchPlan(BaseModel):
    """The searches that answer a question. The limits are part of the model's JSON schema."""

    searches: list[WebSearchItem] = Field(min_length=5, max_length=20)
