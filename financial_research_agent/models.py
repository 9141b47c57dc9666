"""What the agents of this topic answer."""

from pydantic import BaseModel, Field

from research_bot.models import ReportData, WebSearchItem

# The writer answers as the research bot's does, and searches are counted as they are there.
FinancialReportData = ReportData


class FinancialSearchItem(WebSearchItem):
    """One search of a plan."""


class FinancialSearchPlan(BaseModel):
    """The searches that a financial report needs."""

    searches: list[FinancialSearchItem] = Field(min_length=5, max_length=20)


class AnalysisSummary(BaseModel):
    """What an analyst tells the writer."""

    summary: str = Field(description="The analysis, in two paragraphs at most")


class VerificationResult(BaseModel):
    """What the verifier thinks of a report."""

    verified: bool = Field(description="Whether the report is consistent and its figures sourced")
    issues: list[str] = Field(description="What is to be mended, a sentence each; else empty")

    @property
    def points(self) -> list[str]:
        """What is open. A verdict that contradicts itself is taken for the stricter one."""
        if self.verified or self.issues:
            return self.issues
        return ["The verifier refused the report and gave no reason."]
