"""The catalog: how topics and samples are found, ordered, and named."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sample_cli import catalog
from sample_cli.catalog import UnknownSample, find, samples, topics
from sample_cli.cli import app
from sample_cli.processes import CommandError

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
KITCHEN = '''"""Hot drinks."""

TASK_QUEUE = "kitchen-queue"
GROUP = "Patterns"
ORDER = 1
'''


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small repository: three samples, and files that are not samples."""
    for name, text in {
        "kitchen/__init__.py": KITCHEN,
        "kitchen/run_worker.py": '"""The worker."""\n',
        "kitchen/workflows/green_tea.py": WORKFLOW,
        "kitchen/run_green_tea_workflow.py": '"""Starts it."""\n',
        "kitchen/run_barista_client.py": '"""Chats with the barista."""\n',
        "kitchen/setup_beans.py": '"""A script."""\n',
        "kitchen/run_later.py": '"""Not a starter either."""\n',
        "bar/__init__.py": 'TASK_QUEUE: str = "bar-queue"\nGROUP = "Start here"\nORDER = 2\n',
        "bar/run_worker.py": "",
        "bar/run_menu_workflow.py": '"""Prints the menu."""\n',
        "service/__init__.py": 'TASK_QUEUE = "service-queue"\nGROUP = "Start here"\nORDER = 1\n',
        "service/run_worker.py": "",
        "service/run_api.py": '"""Orders over HTTP."""\n',
        "broken/run_x_workflow.py": '"""A folder without a worker is not a topic."""\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_samples_register_by_existing_in_the_order_of_their_topics(tree: Path) -> None:
    assert [(topic.group, topic.order, topic.name) for topic in topics(tree)] == [
        ("Start here", 1, "service"),
        ("Start here", 2, "bar"),
        ("Patterns", 1, "kitchen"),
    ]
    assert [sample.id for sample in samples(tree)] == [
        "service/api",
        "bar/menu",
        "kitchen/barista",
        "kitchen/green_tea",
    ]


@pytest.mark.parametrize(
    "facts", ["", "ORDER = 1", 'GROUP = "Recipes"\nORDER = 1', 'GROUP = "Patterns"\nORDER = "1"']
)
def test_topic_with_invalid_group_or_order_is_an_error(
    facts: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "kitchen/__init__.py").write_text(facts)
    with pytest.raises(CommandError, match=r"^kitchen/__init__\.py: GROUP is .*Start here, Patt"):
        topics(tree)
    monkeypatch.setattr(catalog, "ROOT", tree)
    for command in (["list"], ["readme"], ["run", "kitchen/green_tea"]):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 2
        assert result.output.startswith("kitchen/__init__.py: GROUP is ")


def test_facts_are_read_without_importing_modules(tree: Path) -> None:
    barista, tea = topics(tree)[-1].samples
    assert (tea.summary, tea.task_queue) == ("Makes tea.", "kitchen-queue")
    assert tea.workflow_types == ["TeaWorkflow", "Coffee"]
    assert (barista.summary, barista.workflow_types) == ("Chats with the barista.", [])
    assert find("bar/menu", tree).task_queue == "bar-queue"


def test_sample_has_the_paths_of_its_files(tree: Path) -> None:
    tea = find("kitchen/green_tea", tree)
    assert tea.worker == tree / "kitchen/run_worker.py"
    assert tea.starter == tree / "kitchen/run_green_tea_workflow.py"
    assert tea.workflow == tree / "kitchen/workflows/green_tea.py"
    assert tea.history == tree / "tests/histories/kitchen/green_tea.json"


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
def test_sample_is_found_by_id_name_or_path(tree: Path, name: str) -> None:
    assert find(name, tree).id == "kitchen/green_tea"


@pytest.mark.parametrize("name", ["kitchen/gren_tea", "kitchn/green_tea", "tea"])
def test_unknown_name_suggests_similar_names(tree: Path, name: str) -> None:
    with pytest.raises(UnknownSample, match=r"Did you mean .*kitchen/green_tea"):
        find(name, tree)


@pytest.mark.parametrize("name", ["zzz", ""])
def test_unknown_name_without_similar_names_refers_to_the_list(tree: Path, name: str) -> None:
    with pytest.raises(UnknownSample, match=r"^There is no sample '\w*'\. `sample list`"):
        find(name, tree)


def test_commands_exit_with_2_when_the_name_is_unknown() -> None:
    for command in ("run", "record"):
        result = CliRunner().invoke(app, [command, "basic/helo_world"])
        assert result.exit_code == 2
        assert "Did you mean basic/hello_world" in result.output


def test_list_prints_groups_in_order_or_json(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "ROOT", tree)
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
