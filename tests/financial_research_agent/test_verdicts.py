"""The verifier's verdict: it changes the report, and what stays open is in it."""

from pathlib import Path

import pytest

from financial_research_agent.models import VerificationResult
from tests.financial_research_agent.script import (
    APPROVED,
    SEARCHES,
    analysing,
    draft,
    refused,
    report_of,
    sent_to,
)


async def test_a_verdict_changes_the_report(tmp_path: Path) -> None:
    verdicts = [refused("No source.", "A typo."), APPROVED]
    model = analysing([draft("First"), draft("Second")], verdicts, calls=SEARCHES + 5)
    report = await report_of(model, tmp_path)
    assert report.startswith("# Second\n")
    assert "approved this report. Revisions: 1." in report
    findings, first, points = sent_to(model, "Write a financial report")[1]
    assert findings.startswith("Question: How is ACME?\n\n## q1\nAbout q1.")
    assert "# First" in first
    assert points == "The verifier's points:\n- No source.\n- A typo."
    assert sent_to(model, "Audit")[1] == ["Question: How is ACME?\n\n# Second"]


async def test_what_two_revisions_leave_open_is_in_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drafts = [draft(text) for text in ("First", "Second", "Third")]
    verdicts = [refused("One."), refused("Two."), refused("Three.", "Four.")]
    report = await report_of(analysing(drafts, verdicts, calls=SEARCHES + 7), tmp_path)
    assert report.startswith("# Third\n")
    section = report.partition("## Verification\n\n")[2]
    unresolved = "Not approved after 2 revisions. Unresolved points:\n\n- Three.\n- Four.\n\n"
    assert section.startswith(unresolved)
    assert capsys.readouterr().out.count("Revising the report.\n") == 2


@pytest.mark.parametrize(
    ("verdict", "points"),
    [
        (VerificationResult(verified=True, issues=["But."]), ["But."]),
        (refused(), ["The verifier refused the report and gave no reason."]),
        (APPROVED, []),
    ],
)
def test_a_contradictory_verdict_is_taken_for_the_stricter(
    verdict: VerificationResult, points: list[str]
) -> None:
    assert verdict.points == points
