"""Searches, a writer with analysts as tools, and a verifier: two revisions, then open points show.

Planning, searching and progress are those of the research bot.
"""

from agents import Runner, TResponseInputItem
from temporalio import workflow

from research_bot.searching import search_all

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
    from research_bot.progress import Progress
    from research_bot.reports import check_query, checked, cut, listed, material, render

# Without a bound, a verifier that is never satisfied costs tokens for ever.
MAX_REVISIONS = 2

# The points go to the writer, and the unresolved ones to the report.
MAX_POINTS = 20
MAX_POINT_LENGTH = 1_000  # characters


@workflow.defn
class FinancialResearchWorkflow:
    """Answers a question on a company or a market with a verified report."""

    def __init__(self) -> None:
        """Start with nothing done."""
        self._progress = Progress()

    @workflow.run
    async def run(self, query: str) -> str:
        """Return the report on `query`, as Markdown, with the verifier's verdict in it.

        Raises:
            InvalidInput: The query is empty or too long.
            ApplicationError: Of type `TooFewSearches`: fewer than half found something; or
                `ReportTooLarge`.
        """
        with self._progress.up_to_its_end():
            check_query(query)
            self._progress.query = query
            return await self._research(query)

    @workflow.query
    def get_progress(self) -> Progress:
        """Return how far the research is, or how it ended."""
        return self._progress

    async def _research(self, query: str) -> str:
        planned = await Runner.run(planner(), query)
        plan = planned.final_output_as(FinancialSearchPlan)
        findings = await search_all(searcher(), plan.searches, self._progress)
        failures = self._progress.failures
        report, verdict = await self._write(query, material(query, findings, failures))
        self._progress.summary = report.short_summary
        text = f"{report.markdown_report.strip()}\n\n## Verification\n\n{verdict}"
        return render(text, findings, failures, report.follow_up_questions)

    async def _write(self, query: str, findings: str) -> tuple[FinancialReportData, str]:
        """Return the report, revised while it is not verified, and what is to be said of it."""
        self._progress.enter("writing")
        conversation: list[TResponseInputItem] = [{"role": "user", "content": findings}]
        for revisions in range(MAX_REVISIONS + 1):
            written = await Runner.run(writer(), conversation)
            report = checked(written.final_output_as(FinancialReportData))
            self._progress.enter("verifying")
            question = f"Question: {query}\n\n{report.markdown_report}"
            verified = await Runner.run(verifier(), question)
            points = verified.final_output_as(VerificationResult).points[:MAX_POINTS]
            points = [cut(point, MAX_POINT_LENGTH) for point in points]
            if not points:
                return report, f"The verifier approved this report. Revisions: {revisions}."
            if revisions < MAX_REVISIONS:
                self._progress.enter("revising")
                told = f"The verifier's points:\n{listed(points)}"
                conversation = [*written.to_input_list(), {"role": "user", "content": told}]
        verdict = f"Not approved after {MAX_REVISIONS} revisions. Unresolved points:"
        return report, f"{verdict}\n\n{listed(points)}"
