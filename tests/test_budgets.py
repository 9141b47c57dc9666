"""Files and functions stay within their budgets, in lines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sample_cli.catalog import ROOT, topics
from tests.harness.source import (
    file_of,
    functions,
    lines,
    lines_of_code,
    module_name,
    modules,
    reachable,
)
from tests.harness.starters import TOPICS

APPLICATIONS = {topic.name for topic in topics() if topic.group == "Applications"}
APPLICATIONS |= {"workflow_activities"}

LESSON_WORKFLOW = 75
# All modules of an application that run in its workflow.
WORKFLOW_SIDE = {
    "customer_service": 600,
    "financial_research_agent": 240,
    "goal_agent": 940,
    "research_bot": 420,
    "workflow_activities": 560,
}
STARTER = 40
APPLICATION_STARTER = 80
WORKER = 50
TEST_FILE = 120
FUNCTION = 30

# Run in activities, although the workflow imports their names and types.
WORKER_SIDE = ("activities", "toolbox")


def over(budget: int, *patterns: str) -> dict[str, int]:
    """Return the files of the repository that are longer than a budget, with their lengths."""
    files = {file for pattern in patterns for file in ROOT.glob(pattern)}
    return {str(file.relative_to(ROOT)): lines(file) for file in files if lines(file) > budget}


@pytest.mark.parametrize("topic", sorted({*TOPICS} - APPLICATIONS))
def test_lesson_workflow_is_short(topic: str) -> None:
    assert not over(LESSON_WORKFLOW, f"{topic}/workflows/*.py")


def workflow_side(topic: str) -> Iterator[Path]:
    """Yield the modules of an application that run in its workflows, without its data models."""
    starts = [module_name(file) for file in modules(f"{topic}/workflows")]
    for name in reachable(starts, without=WORKER_SIDE):
        folder, *inner = name.split(".")
        if folder == topic and inner[-1:] != ["models"]:
            yield file_of(name)


@pytest.mark.parametrize("topic", sorted(APPLICATIONS))
def test_workflow_side_of_an_application_is_short(topic: str) -> None:
    side = {str(file.relative_to(ROOT)): lines(file) for file in workflow_side(topic)}
    assert sum(side.values()) <= WORKFLOW_SIDE[topic], side


@pytest.mark.parametrize("topic", TOPICS)
def test_starters_clients_and_workers_are_short(topic: str) -> None:
    budget = APPLICATION_STARTER if topic in APPLICATIONS else STARTER
    starters = [f"{topic}/run_{name}.py" for name in ("*_workflow", "*_client", "api")]
    assert not over(budget, *starters)
    assert not over(WORKER, f"{topic}/run_worker.py")


@pytest.mark.parametrize("folder", [*TOPICS, "sample_cli", "support_table", "."])
def test_test_files_are_short(folder: str) -> None:
    assert not over(TEST_FILE, f"tests/{folder}/test_*.py")


@pytest.mark.parametrize("folder", [*TOPICS, "durable_agents", "offline_model", "sample_cli"])
def test_functions_are_short(folder: str) -> None:
    lengths = {
        f"{file.relative_to(ROOT)}: {function.name}": lines_of_code(function)
        for file in modules(folder)
        for function in functions(file)
    }
    assert not {name: length for name, length in lengths.items() if length > FUNCTION}
