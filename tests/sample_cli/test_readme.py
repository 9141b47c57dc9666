"""The generated tables in the README files."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sample_cli import catalog
from sample_cli.cli import app
from sample_cli.readme import sync_tables

EMPTY = "# Title\n\n<!-- samples -->\n<!-- /samples -->\n\nBy hand.\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with two topics and one sample, whose tables are empty."""
    for name, text in {
        "README.md": EMPTY,
        "kitchen/README.md": EMPTY,
        "kitchen/__init__.py": '"""Hot drinks."""\nGROUP = "Patterns"\nORDER = 1\n',
        "bar/__init__.py": '"""Cold drinks."""\nGROUP = "Start here"\nORDER = 1\n',
        "bar/README.md": EMPTY,
        "bar/run_worker.py": "",
        "kitchen/run_worker.py": "",
        "kitchen/run_tea_workflow.py": "",
        "kitchen/workflows/tea.py": '"""Green | black."""\n@workflow.defn\nclass Tea: ...\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_tables_are_written_between_the_markers(tree: Path) -> None:
    assert sync_tables(tree, write=True) == []
    root, topic = (tree / "README.md").read_text(), (tree / "kitchen/README.md").read_text()
    assert re.findall(r"^\*\*(.+)\*\*$", root, re.MULTILINE) == ["Start here", "Patterns"]
    assert "- [kitchen](kitchen/README.md): Hot drinks." in root
    assert "| `uv run sample run kitchen/tea` | Green \\| black. | `Tea` |" in topic
    assert root.startswith("# Title\n")
    assert root.endswith("\nBy hand.\n")


def test_writing_again_changes_nothing(tree: Path) -> None:
    sync_tables(tree, write=True)
    before = (tree / "README.md").read_text()
    assert sync_tables(tree, write=True) == []
    assert (tree / "README.md").read_text() == before
    assert sync_tables(tree, write=False) == []


def test_check_reports_stale_files_and_changes_nothing(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "ROOT", tree)
    result = CliRunner().invoke(app, ["readme", "--check"])
    assert result.exit_code == 1
    assert "README.md: its table is stale" in result.output
    assert "kitchen/README.md: its table is stale" in result.output
    assert (tree / "README.md").read_text() == EMPTY


@pytest.mark.parametrize("text", ["# Title\n", None], ids=["no markers", "no file"])
def test_readme_without_markers_is_reported_and_not_changed(tree: Path, text: str | None) -> None:
    path = tree / "kitchen/README.md"
    path.unlink()
    if text:
        path.write_text(text)
    (problem,) = sync_tables(tree, write=True)
    assert problem.startswith("kitchen/README.md: the lines <!-- samples -->")
    assert path.exists() == (text is not None)


def test_stale_texts_about_failures_are_reported_and_written(tree: Path) -> None:
    sync_tables(tree, write=True)
    (tree / "failures" / "workflows").mkdir(parents=True)
    for name in ("durable_agents", "failures/__init__.py", "failures/workflows/unknown_tool.py"):
        (tree / name).symlink_to(catalog.ROOT / name)
    page, skill = tree / "docs/failures.md", tree / "skills/durable-agents/SKILL.md"
    page.parent.mkdir()
    skill.parent.mkdir(parents=True)
    skill.write_text("# Skill\n\n<!-- failures -->\n<!-- /failures -->\n")
    problems = sync_tables(tree, write=False)
    assert [each.partition(":")[0] for each in problems] == [
        "docs/failures.md",
        "skills/durable-agents/SKILL.md",
    ]
    assert sync_tables(tree, write=True) == []
    assert "### unknown_tool" in page.read_text()
    assert "- **The workflow hangs after the model calls a tool" in skill.read_text()
    assert sync_tables(tree, write=False) == []
