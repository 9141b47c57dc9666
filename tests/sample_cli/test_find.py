"""Finding a sample by its name, and the commands that list and describe samples."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sample_cli import catalog
from sample_cli.catalog import UnknownSample, find
from sample_cli.cli import app


@pytest.mark.parametrize(
    "name",
    [
        "kitchen/green-tea",
        "green_tea",
        "kitchen/green_tea.py",
        "kitchen/run_green_tea_workflow.py",
        "./kitchen/workflows/green_tea.py",
        "/somewhere/kitchen/run_green_tea_workflow.py",
        "Kitchen/Green-Tea/",
    ],
)
def test_sample_is_found_by_id_name_or_path(repository: Path, name: str) -> None:
    assert find(name, repository).id == "kitchen/green_tea"


@pytest.mark.parametrize("name", ["kitchen/gren_tea", "kitchn/green_tea", "tea"])
def test_unknown_name_suggests_similar_names(repository: Path, name: str) -> None:
    with pytest.raises(UnknownSample, match=r"Did you mean .*kitchen/green_tea"):
        find(name, repository)


@pytest.mark.parametrize("name", ["zzz", ""])
def test_unknown_name_without_similar_names_refers_to_the_list(repository: Path, name: str) -> None:
    with pytest.raises(UnknownSample, match=r"^There is no sample '\w*'\. `sample list`"):
        find(name, repository)


def test_commands_exit_with_2_when_the_name_is_unknown() -> None:
    for command in ("run", "record"):
        result = CliRunner().invoke(app, [command, "basic/helo_world"])
        assert result.exit_code == 2
        assert "Did you mean basic/hello_world" in result.output


def test_list_prints_groups_in_order_or_json(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "ROOT", repository)
    for_people = CliRunner().invoke(app, ["list"]).output
    headings = [line for line in for_people.splitlines() if line and not line.startswith(" ")]
    assert headings == ["Start here", "Patterns"]
    assert "  kitchen: Hot drinks.\n" in for_people
    assert "  queue kitchen-queue, worker kitchen/run_worker.py\n" in for_people
    assert "    kitchen/green_tea (kitchen/run_green_tea_workflow.py)\n" in for_people
    assert "        Makes tea.\n" in for_people
    for_programs = json.loads(CliRunner().invoke(app, ["list", "--json"]).output)
    assert for_programs[-1] == {
        "id": "kitchen/green_tea",
        "summary": "Makes tea.",
        "task_queue": "kitchen-queue",
        "worker": "kitchen/run_worker.py",
        "starter": "kitchen/run_green_tea_workflow.py",
    }


@pytest.mark.parametrize("command", ["list", "run", "up", "model", "record", "readme"])
def test_help_of_each_command_has_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"Example: sample {command}" in result.output
