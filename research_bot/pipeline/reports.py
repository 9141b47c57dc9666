"""Builds the writer's input and the final report, and enforces their limits."""

from collections.abc import Sequence

from temporalio.exceptions import ApplicationError

from research_bot.pipeline.models import Finding, ReportData
from research_bot.pipeline.progress import FailedSearch

MAX_QUERY_LENGTH = 2_000  # characters

MAX_REPORT_LENGTH = 100_000  # characters, in the result and in the verifier's and writer's inputs


def check_length(report: ReportData) -> None:
    """Check that the report is within `MAX_REPORT_LENGTH`.

    Raises:
        ApplicationError: It is not (`ReportTooLarge`, non-retryable).
    """
    if (length := len(report.markdown_report)) > MAX_REPORT_LENGTH:
        raise ApplicationError(
            f"the writer's report is {length:,} characters; the limit is {MAX_REPORT_LENGTH:,}",
            type="ReportTooLarge",
            non_retryable=True,
        )


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
