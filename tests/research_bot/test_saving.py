"""Saved reports: named after the question, and never overwritten."""

from pathlib import Path

import pytest
import typer

from research_bot.pipeline.saving import check_output, save

ID = "research-bot-research-0123abcd"


def test_report_is_named_after_its_question_and_run(tmp_path: Path) -> None:
    path = save("text", tmp_path, "Why do bees dance? And how, and for whom, and when?", ID)
    assert path == tmp_path / "why-do-bees-dance-and-how-and-for-whom-a-0123abcd.md"
    assert path.read_text(encoding="utf-8") == "text"
    assert save("", tmp_path, "¿?", ID).name == "report-0123abcd.md"
    assert len(save("", tmp_path, "宇" * 300, ID).name.encode()) < 255


@pytest.mark.parametrize("output", [".", "mine.md"])
def test_existing_reports_are_not_overwritten(output: str, tmp_path: Path) -> None:
    saved = [save(text, tmp_path / output, "Why?", ID) for text in ("one", "two", "three")]
    assert [path.read_text(encoding="utf-8") for path in saved] == ["one", "two", "three"]
    assert [path.stem[-2:] for path in saved[1:]] == ["-2", "-3"]


def test_output_folder_is_created_or_rejected(tmp_path: Path) -> None:
    check_output(tmp_path / "new" / "file.md")
    assert (tmp_path / "new").is_dir()
    (tmp_path / "taken").touch()
    with pytest.raises(typer.BadParameter, match="taken: File exists"):
        check_output(tmp_path / "taken")
