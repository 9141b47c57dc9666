"""Texts of the models are truncated, and the rest of their answers is kept."""

from research_bot.pipeline.models import ReportData, WebSearchItem


def test_long_search_term_is_truncated() -> None:
    item = WebSearchItem(query="q" * 501, reason="r" * 501)
    assert (item.query, item.reason) == ("q" * 500 + " …", "r" * 500 + " …")


def test_long_summary_and_questions_are_truncated() -> None:
    report = ReportData(
        short_summary="s" * 1_001,
        markdown_report="# Report",
        follow_up_questions=["q" * 501] * 21,
    )
    assert report.short_summary == "s" * 1_000 + " …"
    assert report.follow_up_questions == ["q" * 500 + " …"] * 20
