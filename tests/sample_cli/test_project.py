"""`sample new`: the project it writes, and what it refuses."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sample_cli.catalog import ROOT
from sample_cli.cli import app


def new(*arguments: object) -> tuple[int, str]:
    """Run `sample new`; return its exit code and output."""
    result = CliRunner().invoke(app, ["new", *map(str, arguments)])
    return result.exit_code, result.output


def files(folder: Path) -> list[Path]:
    """Return the files below a folder."""
    return [file for file in folder.rglob("*") if file.is_file()]


def test_every_file_has_the_projects_name(project: Path) -> None:
    names = {file.relative_to(project).as_posix() for file in files(project)}
    assert {"clock_agent/workflow.py", "durable_agents/client.py", ".gitignore"} <= names
    assert {"AGENTS.md", "Dockerfile", "skills/durable-agents/SKILL.md"} <= names
    assert 'name = "clock-agent"' in (project / "pyproject.toml").read_text()
    for file in files(project):
        text = file.read_text()
        assert not re.search(r"my[-_]agent|template/", text), file
        assert str(ROOT) not in text, file


def test_links_lead_to_files(project: Path) -> None:
    for name in ("README.md", "AGENTS.md"):
        links = re.findall(r"\]\((?!https?:)([^)#]+)", (project / name).read_text())
        assert links
        assert all((project / link).exists() for link in links)


def test_command_says_what_comes_next(tmp_path: Path) -> None:
    path = tmp_path / "clock-agent"
    assert new(path) == (0, f"Created clock-agent. Next: cd {path} && uv run pytest\n")
    assert (path / "clock_agent" / "workflow.py").exists()


def test_name_is_an_option_and_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "Work Folder").mkdir()
    code, _ = new(tmp_path / "Work Folder", "--name", "support-desk")
    assert code == 0
    assert (tmp_path / "Work Folder" / "support_desk" / "workflow.py").exists()


@pytest.mark.parametrize(
    ("path", "name", "problem"),
    [
        ("full", None, "is not empty. Choose another path."),
        ("file", None, "file is not a folder."),
        ("Upper", None, "'Upper' is not a project name. Use lowercase letters, digits,"),
        ("new", "a--b", "'a--b' is not a project name."),
        ("new", "", "'' is not a project name."),
        ("new", "../x", "'../x' is not a project name."),
        ("new", "import", "'import' is already the name of a module."),
        ("new", "asyncio", "'asyncio' is already the name of a module."),
        ("new", "temporalio", "'temporalio' is already the name of a module."),
        ("new", "durable-agents", "'durable_agents' is already the name of a module."),
        ("file/below", None, "file is not a folder."),
        ("link", None, "link is not a folder."),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    path: str, name: str | None, problem: str, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").touch()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.rglob("*"))
    code, output = new(tmp_path / path, *(() if name is None else ("--name", name)))
    assert code == 2
    assert problem in output
    assert output.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copymode", fail)
    code, output = new(tmp_path / "agent-one")
    assert (code, output) == (2, f"{tmp_path / 'agent-one'}: No space left on device\n")
    assert list(tmp_path.iterdir()) == []
