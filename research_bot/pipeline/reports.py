"""Builds the writer's input and the final report, and enforces their limits."""

from collections.abc import Sequence

from temporalio.exceptions import ApplicationError

from research_bot.pipeline.models import Finding, ReportData
from research_bot.pipeline.progress import FailedSearch

MAX_QUERY_LENGTH = 2_000  # characters

# The report is the workflow's result, and the input of the agents that verify and revise it.
MAX_REPORT_LENGTH = 100_000  # characters
MAX_SUMMARY_LENGTH = 1_000  # characters
MAX_QUESTIONS = 20
MAX_QUESTION_LENGTH = 500  # characters


def limit_report(report: ReportData) -> ReportData:
    """Return the writer's report, with its summary and follow-up questions truncated.

    Raises:
        ApplicationError: `ReportTooLarge`: the report itself exceeds `MAX_REPORT_LENGTH`.
    """
    if (length := len(report.markdown_report)) > MAX_REPORT_LENGTH:
        raise ApplicationError(
            f"the writer's report is {length:,} characters; the limit is {MAX_REPORT_LENGTH:,}",
            type="ReportTooLarge",
            non_retryable=True,
        )
    questions = report.follow_up_questions[:MAX_QUESTIONS]
    return ReportData(
        short_summary=truncate(report.short_summary, MAX_SUMMARY_LENGTH),
        markdown_report=report.markdown_report,
        follow_up_questions=[truncate(question, MAX_QUESTION_LENGTH) for question in questions],
    )


def truncate(text: str, max_length: int) -> str:
    """Return `text`, truncated after `max_length` characters."""
    return f"{text[:max_length]} …" if len(text) > max_length else text


def writer_input(query: str, findings: Sequence[Finding], failures: Sequence[FailedSearch]) -> str:
    """Return the writer's input: the question, the findings, and the searches without a result."""
    parts = [f"Question: {query}"]
    parts += [f"## {finding.query}\n{finding.text}" for finding in findings]
    if failures:
        queries = bullet_list([failure.query for failure in failures])
        parts.append(f"No information on the following, so do not guess:\n{queries}")
    return "\n\n".join(parts)


def full_report(
    markdown: str,
    findings: Sequence[Finding],
    failures: Sequence[FailedSearch],
    follow_up_questions: Sequence[str],
) -> str:
    """Return the writer's text, followed by the questions, sources, and failed searches."""
    pages = {url: title for finding in findings for url, title in finding.sources.items()}
    sources = [f"[{title}]({url})" for url, title in pages.items()]
    failed = [f"{failure.query} ({failure.cause})" for failure in failures]
    sections = {
        "Follow-up questions": follow_up_questions,
        "Sources": sources or ["No sources were cited: verify every statement."],
        "Failed searches": failed,
    }
    parts = [
        f"## {heading}\n\n{bullet_list(lines)}" for heading, lines in sections.items() if lines
    ]
    return "\n\n".join([markdown.strip(), *parts]) + "\n"


def bullet_list(lines: Sequence[str]) -> str:
    """Return a bullet list in Markdown."""
    return "\n".join(f"- {line}" for line in lines)
