"""Texts around the report: the question checked, the writer's material, and the whole report."""

from durable_agents import InvalidInput

from collections.abc import Sequence

from temporalio.exceptions import ApplicationError

from research_bot.models import Finding, ReportData
from research_bot.progress import FailedSearch

LONGEST_QUERY = 2_000

# A report is in the workflow's result, and in the input of whoever verifies and revises it. Texts
# in characters:
MAX_REPORT_LENGTH = 100_000
MAX_SUMMARY_LENGTH = 1_000
MAX_QUESTIONS = 20
MAX_QUESTION_LENGTH = 500


def check_query(query: str) -> None:
    """Refuse what cannot be researched.

    Raises:
        InvalidInput: The query is empty or too long.
    """
    if not query.strip():
        raise InvalidInput("query is empty: say what to research")
    if len(query) > LONGEST_QUERY:
        raise InvalidInput(f"query has {len(query)} characters: {LONGEST_QUERY} at most")


def checked(report: ReportData) -> ReportData:
    """Return the writer's report, with a long summary or list of questions cut.

    Raises:
        ApplicationError: Of type `ReportTooLarge`: the report itself is beyond the limit.
    """
    if (length := len(report.markdown_report)) > MAX_REPORT_LENGTH:
        raise ApplicationError(
            f"the writer's report is {length:,} characters; the limit is {MAX_REPORT_LENGTH:,}",
            type="ReportTooLarge",
            non_retryable=True,
        )
    questions = report.follow_up_questions[:MAX_QUESTIONS]
    return ReportData(
        short_summary=cut(report.short_summary, MAX_SUMMARY_LENGTH),
        markdown_report=report.markdown_report,
        follow_up_questions=[cut(question, MAX_QUESTION_LENGTH) for question in questions],
    )


def cut(text: str, limit: int) -> str:
    """Return `text`, cut after `limit` characters."""
    return f"{text[:limit]} …" if len(text) > limit else text


def material(query: str, findings: Sequence[Finding], failures: Sequence[FailedSearch]) -> str:
    """Return what the writer gets to read: the findings, and what it cannot know."""
    parts = [f"Question: {query}"]
    parts += [f"## {finding.query}\n{finding.text}" for finding in findings]
    if failures:
        parts.append("Not found out, so do not guess:\n" + listed([f.query for f in failures]))
    return "\n\n".join(parts)


def render(
    markdown: str,
    findings: Sequence[Finding],
    failures: Sequence[FailedSearch],
    follow_up_questions: Sequence[str],
) -> str:
    """Return the whole report: the writer's text, then what code knows better than a model."""
    pages = {url: title for finding in findings for url, title in finding.sources.items()}
    sources = [f"[{title}]({url})" for url, title in pages.items()]
    failed = [f"{failure.query} ({failure.cause})" for failure in failures]
    sections = {
        "Questions to follow up": follow_up_questions,
        "Sources": sources or ["None was cited: check every statement."],
        "What could not be searched": failed,
    }
    parts = [f"## {heading}\n\n{listed(lines)}" for heading, lines in sections.items() if lines]
    return "\n\n".join([markdown.strip(), *parts]) + "\n"


def listed(lines: Sequence[str]) -> str:
    """Return a list in Markdown."""
    return "\n".join(f"- {line}" for line in lines)
