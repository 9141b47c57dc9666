"""The catalog: how topics and samples are found and ordered."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sample_cli import catalog
from sample_cli.catalog import find, samples, topics
from sample_cli.cli import app
from sample_cli.processes import CommandError


def test_samples_register_by_existing_in_the_order_of_their_topics(repository: Path) -> None:
    assert [(topic.group, topic.order, topic.name) for topic in topics(repository)] == [
        ("Start here", 1, "service"),
        ("Start here", 2, "bar"),
        ("Patterns", 1, "kitchen"),
    ]
    assert [sample.id for sample in samples(repository)] == [
        "service/api",
        "service/table_api",
        "bar/menu",
        "kitchen/barista",
        "kitchen/green_tea",
    ]


@pytest.mark.parametrize(
    "facts", ["", "ORDER = 1", 'GROUP = "Recipes"\nORDER = 1', 'GROUP = "Patterns"\nORDER = "1"']
)
def test_topic_with_invalid_group_or_order_is_an_error(
    facts: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "kitchen/__init__.py").write_text(facts)
    with pytest.raises(CommandError, match=r"^kitchen/__init__\.py: GROUP is .*Start here, Patt"):
        topics(repository)
    monkeypatch.setattr(catalog, "ROOT", repository)
    for command in (["list"], ["readme"], ["run", "kitchen/green_tea"]):
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 2
        assert result.output.startswith("kitchen/__init__.py: GROUP is ")


def test_facts_are_read_without_importing_modules(repository: Path) -> None:
    barista, tea = topics(repository)[-1].samples
    assert (tea.summary, tea.task_queue) == ("Makes tea.", "kitchen-queue")
    assert tea.workflow_types == ["TeaWorkflow", "Coffee"]
    assert (barista.summary, barista.workflow_types) == ("Chats with the barista.", [])
    assert find("bar/menu", repository).task_queue == "bar-queue"


def test_service_is_found_by_its_name_or_script(repository: Path) -> None:
    for name in ("service/table-api", "table_api", "service/run_table_api.py"):
        assert find(name, repository).id == "service/table_api"
    found = [sample.id for sample in samples(repository) if sample.is_service]
    assert found == ["service/api", "service/table_api"]


def test_sample_has_the_paths_of_its_files(repository: Path) -> None:
    tea = find("kitchen/green_tea", repository)
    assert tea.worker == repository / "kitchen/run_worker.py"
    assert tea.starter == repository / "kitchen/run_green_tea_workflow.py"
    assert tea.workflow == repository / "kitchen/workflows/green_tea.py"
    assert tea.history == repository / "tests/histories/kitchen/green_tea.json"
