"""A plan, up to twenty searches side by side, and a report that names the searches that failed.

`get_progress` tells how far it is. A cancellation stops the searches.
"""

from agents import Runner
from temporalio import workflow

from research_bot.searching import search_all

with workflow.unsafe.imports_passed_through():
    from research_bot.models import ReportData, WebSearchPlan
    from research_bot.progress import Progress
    from research_bot.reports import check_query, checked, material, render
    from research_bot.specialists.planner import planner
    from research_bot.specialists.searcher import searcher
    from research_bot.specialists.writer import writer


@workflow.defn
class ResearchWorkflow:
    """Answers a question with a report from the web."""

    def __init__(self) -> None:
        """Start with nothing done."""
        self._progress = Progress()

    @workflow.run
    async def run(self, query: str) -> str:
        """Return the report on `query`, as Markdown.

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
        plan = planned.final_output_as(WebSearchPlan)
        findings = await search_all(searcher(), plan.searches, self._progress)
        failures = self._progress.failures
        self._progress.enter("writing")
        written = await Runner.run(writer(), material(query, findings, failures))
        report = checked(written.final_output_as(ReportData))
        self._progress.summary = report.short_summary
        return render(report.markdown_report, findings, failures, report.follow_up_questions)
