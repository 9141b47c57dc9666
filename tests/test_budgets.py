"""Files, functions, and packages stay within their budgets, in lines (tests/README.md)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sample_cli.catalog import ROOT, topics
from tests.harness.source import (
    body_lines,
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

# Lines of code, templates included.
PACKAGE = {
    "customer_service": 900,
    "durable_agents": 900,
    "goal_agent": 2_500,
    "offline_model": 3_500,
    "sample_cli": 1_800,
    "tests/harness": 1_800,
}


def of_durable_agents(*names: str) -> set[str]:
    """Return the files of modules."""
    return {f"durable_agents/{name}.py" for name in names}


# Modules that have a budget of their own: those that only some topics import, and those for what a
# platform configures or what only saves time.
OPTIONAL = of_durable_agents(
    *("cancellation", "database", "deadlines", "fast", "messages", "model_input"),
    *("search_attributes", "terminal", "web"),
)
OPERATIONS = of_durable_agents(
    *("encryption", "environment", "model_calls", "model_metrics", "probes", "sandbox"),
    *("shutdown", "telemetry"),
)
OPTIONAL_MODULE = 120
LESSON_WORKFLOW = 75
# All modules of an application that run in its workflow, in lines of code.
WORKFLOW_SIDE = 400
STARTER = 40
WORKER = 50
TEST_FILE = 120
FUNCTION = 30
# Run in activities, although the workflow imports their names and types.
WORKER_SIDE = ("activities", "toolbox")

# Files of a package that are code, although not Python. The htmx files are copies.
TEMPLATES = ("*.html", "*.css", "page.js")


def over(budget: int, *patterns: str) -> dict[str, int]:
    """Return the files of the repository that are longer than a budget, with their lengths."""
    files = {file for pattern in patterns for file in ROOT.glob(pattern)}
    return {str(file.relative_to(ROOT)): lines(file) for file in files if lines(file) > budget}


@pytest.mark.parametrize("package", PACKAGE)
def test_package_is_small(package: str) -> None:
    files = [*modules(package)]
    files += [file for name in TEMPLATES for file in (ROOT / package).rglob(name)]
    sizes = {str(file.relative_to(ROOT)): lines_of_code(file) for file in files}
    optional = {name: sizes.pop(name) for name in (OPTIONAL | OPERATIONS) & sizes.keys()}
    assert sum(sizes.values()) <= PACKAGE[package], sizes
    assert all(size <= OPTIONAL_MODULE for size in optional.values()), optional


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
    side = {str(file.relative_to(ROOT)): lines_of_code(file) for file in workflow_side(topic)}
    assert sum(side.values()) <= WORKFLOW_SIDE, side


@pytest.mark.parametrize("topic", TOPICS)
def test_starters_clients_and_workers_are_short(topic: str) -> None:
    starters = [f"{topic}/run_{name}.py" for name in ("*_workflow", "*_client", "*api")]
    assert not over(STARTER, *starters)
    assert not over(WORKER, f"{topic}/run_worker.py")


@pytest.mark.parametrize("folder", [*TOPICS, "sample_cli", "deploy", "support_table", "."])
def test_test_files_are_short(folder: str) -> None:
    assert not over(TEST_FILE, f"tests/{folder}/test_*.py")


@pytest.mark.parametrize("folder", [*TOPICS, "durable_agents", "offline_model", "sample_cli"])
def test_functions_are_short(folder: str) -> None:
    lengths = {
        f"{file.relative_to(ROOT)}: {function.name}": body_lines(function)
        for file in modules(folder)
        for function in functions(file)
    }
    assert not {name: length for name, length in lengths.items() if length > FUNCTION}
