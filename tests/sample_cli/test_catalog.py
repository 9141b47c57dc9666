"""Tests of how samples are found and named."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sample_cli import catalog
from sample_cli.catalog import UnknownSample, find, samples, topics
from sample_cli.cli import app

WORKFLOW = '''"""Makes tea.

And more.
"""

raise RuntimeError("the catalog imports nothing")


@workflow.defn
class TeaWorkflow: ...


@workflow.defn(name="Coffee")
class CoffeeWorkflow: ...


class Cup: ...
'''


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small repository: three samples, and files that are none."""
    for name, text in {
        "kitchen/__init__.py": '"""Hot drinks."""\n\nTASK_QUEUE = "kitchen-queue"\n',
        "kitchen/run_worker.py": '"""The worker."""\n',
        "kitchen/workflows/green_tea.py": WORKFLOW,
        "kitchen/run_green_tea_workflow.py": '"""Starts it."""\n',
        "kitchen/run_barista_client.py": '"""Chats with the barista."""\n',
        "kitchen/setup_beans.py": '"""A script."""\n',
        "kitchen/run_later.py": '"""No starter either."""\n',
        "service/run_worker.py": 'TASK_QUEUE: str = "service-queue"\n',
        "service/run_api.py": '"""Orders over HTTP."""\n',
        "broken/run_x_workflow.py": '"""A folder without a worker is no topic."""\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_sample_registers_by_existing(tree: Path) -> None:
    assert [sample.id for sample in samples(tree)] == [
        "kitchen/barista",
        "kitchen/green_tea",
        "service/api",
    ]


def test_facts_are_read_without_importing_anything(tree: Path) -> None:
    barista, tea = topics(tree)["kitchen"]
    assert (tea.summary, tea.task_queue) == ("Makes tea.", "kitchen-queue")
    assert tea.workflow_types == ["TeaWorkflow", "Coffee"]
    assert (barista.summary, barista.workflow_types) == ("Chats with the barista.", [])
    assert find("service/api", tree).task_queue == "service-queue"


def test_a_sample_knows_the_files_that_belong_to_it(tree: Path) -> None:
    tea = find("kitchen/green_tea", tree)
    assert tea.worker == tree / "kitchen/run_worker.py"
    assert tea.starter == tree / "kitchen/run_green_tea_workflow.py"
    assert tea.workflow == tree / "kitchen/workflows/green_tea.py"
    assert tea.readme == tree / "kitchen/README.md"
    assert tea.history == tree / "tests/histories/kitchen/green_tea.json"
    assert tea.test == tree / "tests/kitchen/test_green_tea.py"


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
def test_a_name_is_understood_in_many_forms(tree: Path, name: str) -> None:
    assert find(name, tree).id == "kitchen/green_tea"


@pytest.mark.parametrize("name", ["kitchen/gren_tea", "kitchn/green_tea", "tea"])
def test_an_unknown_name_gets_near_matches(tree: Path, name: str) -> None:
    with pytest.raises(UnknownSample, match=r"Did you mean .*kitchen/green_tea"):
        find(name, tree)


@pytest.mark.parametrize("name", ["zzz", ""])
def test_a_name_that_is_near_nothing_gets_the_way_to_the_list(tree: Path, name: str) -> None:
    with pytest.raises(UnknownSample, match=r"^There is no sample '\w*'\. `sample list`"):
        find(name, tree)


def test_an_unknown_name_ends_the_command_with_code_2() -> None:
    for command in ("run", "record"):
        result = CliRunner().invoke(app, [command, "basic/helo_world"])
        assert result.exit_code == 2
        assert "Did you mean basic/hello_world" in result.output


def test_the_list_is_read_by_people_and_by_programs(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "ROOT", tree)
    for_people = CliRunner().invoke(app, ["list"]).output
    assert "kitchen: queue kitchen-queue, worker kitchen/run_worker.py\n" in for_people
    assert "  kitchen/green_tea (kitchen/run_green_tea_workflow.py)\n" in for_people
    assert "      Makes tea.\n" in for_people
    for_programs = json.loads(CliRunner().invoke(app, ["list", "--json"]).output)
    assert for_programs[1] == {
        "id": "kitchen/green_tea",
        "summary": "Makes tea.",
        "task_queue": "kitchen-queue",
        "worker": "kitchen/run_worker.py",
        "starter": "kitchen/run_green_tea_workflow.py",
    }


@pytest.mark.parametrize("command", ["list", "run", "up", "model", "record", "readme"])
def test_each_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"Example: sample {command}" in result.output
