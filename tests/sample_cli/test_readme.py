"""Tests of the tables in the README files."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sample_cli import catalog
from sample_cli.cli import app
from sample_cli.readme import stale

EMPTY = "# Title\n\n<!-- samples -->\n<!-- /samples -->\n\nBy hand.\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with one sample, whose tables are still empty."""
    for name, text in {
        "README.md": EMPTY,
        "kitchen/README.md": EMPTY,
        "kitchen/__init__.py": '"""Hot drinks."""\n',
        "kitchen/run_worker.py": "",
        "kitchen/run_tea_workflow.py": "",
        "kitchen/workflows/tea.py": '"""Green | black."""\n@workflow.defn\nclass Tea: ...\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_tables_are_written_between_the_markers(tree: Path) -> None:
    assert stale(tree, write=True) == []
    root, topic = (tree / "README.md").read_text(), (tree / "kitchen/README.md").read_text()
    assert "| [kitchen](kitchen/README.md) | Hot drinks. | 1 |" in root
    assert "| `uv run sample run kitchen/tea` | Green \\| black. | `Tea` |" in topic
    assert root.startswith("# Title\n")
    assert root.endswith("\nBy hand.\n")


def test_a_second_time_nothing_changes(tree: Path) -> None:
    stale(tree, write=True)
    before = (tree / "README.md").read_text()
    assert stale(tree, write=True) == []
    assert (tree / "README.md").read_text() == before
    assert stale(tree, write=False) == []


def test_check_names_stale_files_and_changes_nothing(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "ROOT", tree)
    result = CliRunner().invoke(app, ["readme", "--check"])
    assert result.exit_code == 1
    assert "README.md: its table is stale" in result.output
    assert "kitchen/README.md: its table is stale" in result.output
    assert (tree / "README.md").read_text() == EMPTY


@pytest.mark.parametrize("text", ["# Title\n", None], ids=["no markers", "no file"])
def test_a_readme_without_markers_is_named_and_left_alone(tree: Path, text: str | None) -> None:
    path = tree / "kitchen/README.md"
    path.unlink()
    if text:
        path.write_text(text)
    (problem,) = stale(tree, write=True)
    assert problem.startswith("kitchen/README.md: it has no lines")
    assert path.exists() == (text is not None)
