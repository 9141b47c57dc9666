"""What the agents of this topic answer, and what a search found."""

from dataclasses import dataclass, field

from pydantic import BaseModel, Field


class WebSearchItem(BaseModel):
    """One search of a plan."""

    reason: str = Field(description="Why this search helps to answer the question")
    query: str = Field(description="What to type into a search engine")


class WebSearchPlan(BaseModel):
    """The searches that answer a question. The limits are part of the schema the model gets."""

    searches: list[WebSearchItem] = Field(min_length=5, max_length=20)


class ReportData(BaseModel):
    """What the writer makes of the findings."""

    short_summary: str = Field(description="The answer in two or three sentences")
    markdown_report: str = Field(description="The report, in Markdown, with a headline")
    follow_up_questions: list[str] = Field(description="What to research next")


@dataclass(frozen=True)
class Finding:
    """What one search found.

    Attributes:
        query: What was searched for.
        text: The searcher's summary, of bounded length.
        sources: The titles of the pages that it cites, by their URLs.
    """

    query: str
    text: str
    sources: dict[str, str] = field(default_factory=dict)
