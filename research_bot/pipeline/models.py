"""The data that the agents of a research workflow exchange."""

from dataclasses import dataclass, field

from pydantic import BaseModel, Field


class WebSearchItem(BaseModel):
    """One planned search."""

    reason: str = Field(description="Why this search helps to answer the question")
    query: str = Field(description="What to type into a search engine")


class ReportData(BaseModel):
    """The writer's structured output."""

    short_summary: str = Field(description="The answer in two or three sentences")
    markdown_report: str = Field(description="The report, in Markdown, with a headline")
    follow_up_questions: list[str] = Field(description="What to research next")


@dataclass(frozen=True)
class Finding:
    """The result of one search.

    Attributes:
        query: The search term.
        text: The searcher's summary, limited in length.
        sources: Titles of the cited pages, by URL.
    """

    query: str
    text: str
    sources: dict[str, str] = field(default_factory=dict)
