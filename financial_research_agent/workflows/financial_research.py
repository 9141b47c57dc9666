"""A writer with analysts as tools, and a verifier: two revisions, then open issues are printed.

Searching, progress and the report's limits are those of `research_bot.pipeline`.
"""

from durable_agents import require_text

from agents import Runner, TResponseInputItem
from temporalio import workflow

from research_bot.pipeline.searching import search_all

with workflow.unsafe.imports_passed_through():
    from financial_research_agent.models import (
        FinancialReportData,
        FinancialSearchPlan,
        VerificationResult,
    )
    from financial_research_agent.specialists.planner import planner
    from financial_research_agent.specialists.searcher import searcher
    from financial_research_agent.specialists.verifier import verifier
    from financial_research_agent.specialists.writer import writer
    from research_bot.pipeline.models import truncate
    from research_bot.pipeline.progress import Progress
    from research_bot.pipeline.reports import (
        MAX_QUERY_LENGTH,
        bullet_list,
        check_length,
        full_report,
        writer_input,
    )

# Without this limit, a verifier that is never satisfied consumes tokens indefinitely.
MAX_REVISIONS = 2

# Issues are sent to the writer; unresolved ones are printed in the report.
MAX_ISSUES = 20
MAX_ISSUE_LENGTH = 1_000  # characters


@workflow.defn
class FinancialResearchWorkflow:
    """Answers a question about a company or a market with a verified report."""

    def __init__(self) -> None:
        """Start without progress."""
        self._progress = Progress()

    @workflow.run
    async def run(self, query: str) -> str:
        """Return the report on `query`, as Markdown, including the verifier's verdict.

        Raises:
            InvalidInput: The query is empty or too long.
            ApplicationError: `TooFewSearches`: fewer than half of the searches succeeded; or
                `ReportTooLarge`.
        """
        with self._progress.tracked():
            require_text(query, "query", max_length=MAX_QUERY_LENGTH)
            self._progress.query = query
            return await self._research(query)

    @workflow.query
    def get_progress(self) -> Progress:
        """Return the progress, even after the run has closed."""
        return self._progress

    async def _research(self, query: str) -> str:
        planned = await Runner.run(planner(), query)
        plan = planned.final_output_as(FinancialSearchPlan)
        findings = await search_all(searcher(), plan.searches, self._progress)
        failures = self._progress.failures
        report, verdict = await self._write(query, writer_input(query, findings, failures))
        self._progress.summary = report.short_summary
        text = f"{report.markdown_report.strip()}\n\n## Verification\n\n{verdict}"
        return full_report(text, findings, failures, report.follow_up_questions)

    async def _write(self, query: str, findings: str) -> tuple[FinancialReportData, str]:
        """Return the report, revised until verified or out of revisions, and the verdict."""
        self._progress.enter("writing")
        conversation: list[TResponseInputItem] = [{"role": "user", "content": findings}]
        for revisions in range(MAX_REVISIONS + 1):
            written = await Runner.run(writer(), conversation)
            report = written.final_output_as(FinancialReportData)
            check_length(report)
            self._progress.enter("verifying")
            question = f"Question: {query}\n\n{report.markdown_report}"
            verified = await Runner.run(verifier(), question)
            issues = verified.final_output_as(VerificationResult).open_issues[:MAX_ISSUES]
            issues = [truncate(issue, MAX_ISSUE_LENGTH) for issue in issues]
            if not issues:
                return report, f"The verifier approved this report. Revisions: {revisions}."
            if revisions < MAX_REVISIONS:
                self._progress.enter("revising")
                feedback = f"The verifier's issues:\n{bullet_list(issues)}"
                conversation = [*written.to_input_list(), {"role": "user", "content": feedback}]
        verdict = f"Not approved after {MAX_REVISIONS} revisions. Unresolved issues:"
        return report, f"{verdict}\n\n{bullet_list(issues)}"
