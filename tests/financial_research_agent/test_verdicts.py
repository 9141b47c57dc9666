"""The verifier's verdict: issues are revised, and unresolved ones are in the report."""

from pathlib import Path

import pytest

from financial_research_agent.models import VerificationResult
from tests.financial_research_agent.script import (
    APPROVED,
    SEARCHES,
    analyzing,
    draft,
    inputs_of,
    rejected,
    report_of,
)


async def test_writer_revises_the_report_when_there_are_issues(tmp_path: Path) -> None:
    verdicts = [rejected("No source.", "A typo."), APPROVED]
    model = analyzing([draft("First"), draft("Second")], verdicts, calls=SEARCHES + 5)
    report = await report_of(model, tmp_path)
    assert report.startswith("# Second\n")
    assert "approved this report. Revisions: 1." in report
    findings, first, feedback = inputs_of(model, "Write a financial report")[1]
    assert findings.startswith("Question: How is ACME?\n\n## q1\nAbout q1.")
    assert "# First" in first
    assert feedback == "The verifier's issues:\n- No source.\n- A typo."
    assert inputs_of(model, "Audit")[1] == ["Question: How is ACME?\n\n# Second"]


async def test_unresolved_issues_are_in_the_report_after_two_revisions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drafts = [draft(text) for text in ("First", "Second", "Third")]
    verdicts = [rejected("One."), rejected("Two."), rejected("Three.", "Four.")]
    report = await report_of(analyzing(drafts, verdicts, calls=SEARCHES + 7), tmp_path)
    assert report.startswith("# Third\n")
    section = report.partition("## Verification\n\n")[2]
    unresolved = "Not approved after 2 revisions. Unresolved issues:\n\n- Three.\n- Four.\n\n"
    assert section.startswith(unresolved)
    assert capsys.readouterr().out.count("Revising the report.\n") == 2


@pytest.mark.parametrize(
    ("verdict", "issues"),
    [
        (VerificationResult(verified=True, issues=["But."]), ["But."]),
        (rejected(), ["The verifier rejected the report without a reason."]),
        (APPROVED, []),
    ],
)
def test_contradictory_verdict_counts_as_the_stricter_one(
    verdict: VerificationResult, issues: list[str]
) -> None:
    assert verdict.open_issues == issues
