"""The structured outputs of this topic's agents."""

from pydantic import BaseModel, Field

from research_bot.pipeline.models import ReportData, WebSearchItem

FinancialReportData = ReportData
"""The writer's structured output has the fields of the research bot's."""


class FinancialSearchItem(WebSearchItem):
    """One planned search."""


class FinancialSearchPlan(BaseModel):
    """The searches that a financial report needs."""

    searches: list[FinancialSearchItem] = Field(min_length=5, max_length=20)


class AnalysisSummary(BaseModel):
    """An analyst's structured output."""

    summary: str = Field(description="The analysis, in two paragraphs at most")


class VerificationResult(BaseModel):
    """The verifier's verdict on a report."""

    verified: bool = Field(description="Whether the report is consistent and its figures sourced")
    issues: list[str] = Field(description="What to fix, one sentence each; empty if verified")

    @property
    def open_issues(self) -> list[str]:
        """The issues to fix. A contradictory verdict counts as the stricter one."""
        if self.verified or self.issues:
            return self.issues
        return ["The verifier rejected the report without a reason."]
