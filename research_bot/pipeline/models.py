"""The data that the agents of a research workflow exchange, and its limits."""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

MAX_TERM_LENGTH = 500  # characters
MAX_SUMMARY_LENGTH = 1_000  # characters
MAX_QUESTIONS = 20
MAX_QUESTION_LENGTH = 500  # characters


def truncate(text: str, max_length: int) -> str:
    """Return `text`, truncated after `max_length` characters."""
    return f"{text[:max_length]} …" if len(text) > max_length else text


# A model may exceed any length. These texts are truncated, since the rest of an answer is usable.
Term = Annotated[str, AfterValidator(lambda text: truncate(text, MAX_TERM_LENGTH))]
Summary = Annotated[str, AfterValidator(lambda text: truncate(text, MAX_SUMMARY_LENGTH))]
Question = Annotated[str, AfterValidator(lambda text: truncate(text, MAX_QUESTION_LENGTH))]
Questions = Annotated[list[Question], AfterValidator(lambda questions: questions[:MAX_QUESTIONS])]


class WebSearchItem(BaseModel):
    """One planned search."""

    reason: Term = Field(description="Why this search helps to answer the question")
    query: Term = Field(description="What to type into a search engine")


class ReportData(BaseModel):
    """The writer's structured output."""

    short_summary: Summary = Field(description="The answer in two or three sentences")
    markdown_report: str = Field(description="The report, in Markdown, with a headline")
    follow_up_questions: Questions = Field(description="What to research next")


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
