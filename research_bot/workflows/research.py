"""A plan, up to twenty parallel web searches, and a report that names the searches that failed.

The `get_progress` query returns the progress. Cancelling the workflow stops its searches.
"""

from durable_agents import require_text

from agents import Runner
from temporalio import workflow

from research_bot.pipeline.searching import search_all

with workflow.unsafe.imports_passed_through():
    from research_bot.models import WebSearchPlan
    from research_bot.pipeline.models import ReportData
    from research_bot.pipeline.progress import Progress
    from research_bot.pipeline.reports import (
        MAX_QUERY_LENGTH,
        check_length,
        full_report,
        writer_input,
    )
    from research_bot.specialists.planner import planner
    from research_bot.specialists.searcher import searcher
    from research_bot.specialists.writer import writer


@workflow.defn
class ResearchWorkflow:
    """Answers a question with a report from the web."""

    def __init__(self) -> None:
        """Start without progress."""
        self._progress = Progress()

    @workflow.run
    async def run(self, query: str) -> str:
        """Return the report on `query`, as Markdown.

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
        plan = planned.final_output_as(WebSearchPlan)
        findings = await search_all(searcher(), plan.searches, self._progress)
        failures = self._progress.failures
        self._progress.enter("writing")
        written = await Runner.run(writer(), writer_input(query, findings, failures))
        report = written.final_output_as(ReportData)
        check_length(report)
        self._progress.summary = report.short_summary
        return full_report(report.markdown_report, findings, failures, report.follow_up_questions)
