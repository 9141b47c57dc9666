"""What holds for every sample: names match, all is registered, nothing shadows a module."""

from durable_agents import connect

import ast
import re
import subprocess
import sys
from collections import Counter
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from sample_cli.catalog import ROOT, Sample, samples
from tests.harness.starters import TOPICS, plugin_options, worker_of

SAMPLES = samples()
CODE = [*TOPICS, "durable_agents", "offline_model", "sample_cli", "tests"]

# Lines. A file beyond its budget has become two.
BUDGETS = {
    "{topic}/workflows/*.py": 80,
    "{topic}/run_*_workflow.py": 45,
    "{topic}/run_worker.py": 55,
    "tests/{topic}/test_*.py": 120,
}
APPLICATIONS = {
    "customer_service",
    "financial_research_agent",
    "goal_agent",
    "research_bot",
    "workflow_activities",
}
APPLICATION_BUDGETS = {"{topic}/workflows/*.py": 150, "{topic}/run_*_workflow.py": 70}
LONGEST_FUNCTION = 30

PRIVATE = {
    "a home folder": re.compile(r"/(?:home/(?!user\b)|Users/|root/)\w"),
    "the path of this repository": re.compile(re.escape(str(ROOT)) + r"\b"),
    "a registry's address": re.compile(r"https?://\S*(?:/simple\b|artifactory|index-url)"),
}

WITH_WORKFLOW = [sample for sample in SAMPLES if not sample.serves]

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
each_workflow = pytest.mark.parametrize("sample", WITH_WORKFLOW, ids=lambda sample: sample.id)
each_topic = pytest.mark.parametrize("topic", TOPICS)


def modules(*folders: str) -> list[Path]:
    """Return the Python files in folders of the repository."""
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


def tree(file: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(file.read_text(encoding="utf-8"))


def lines(file: Path) -> int:
    """Return how many lines a file has."""
    return len(file.read_text(encoding="utf-8").splitlines())


def functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions and methods of a module."""
    nodes = ast.walk(tree(file))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function has, but for its docstring."""
    first = function.body[1] if ast.get_docstring(function) and function.body[1:] else function
    return (function.end_lineno or 0) - first.lineno + 1


def tracked_files() -> list[Path]:
    """Return what the repository holds, but for the lock file: it names where packages are."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name and name != "uv.lock"]
    return [ROOT / name for name in names if (ROOT / name).exists()]


def test_there_are_samples() -> None:
    assert SAMPLES


@each_workflow
def test_a_sample_has_a_workflow_and_a_recorded_history(sample: Sample) -> None:
    assert sample.workflow, "no workflow"
    assert sample.workflow_types, "no class with @workflow.defn"
    assert sample.history.exists(), "no history: uv run sample record " + sample.id


@each_sample
def test_a_sample_has_a_test(sample: Sample) -> None:
    assert sample.test.exists(), f"no {sample.test}"
    tests = [function.name for function in functions(sample.test)]
    assert any(name.startswith("test_") for name in tests), "no test in its test file"


@each_sample
def test_a_sample_is_in_the_readme_of_its_topic(sample: Sample) -> None:
    assert sample.id in sample.readme.read_text(encoding="utf-8")


@each_workflow
def test_a_starter_starts_the_workflow_of_its_sample(sample: Sample) -> None:
    started = set(re.findall(r"(\w+)\.run,", sample.starter.read_text(encoding="utf-8")))
    assert started & set(sample.workflow_types)


@each_topic
def test_no_workflow_test_or_history_is_left_without_its_starter(topic: str) -> None:
    names = {sample.name for sample in SAMPLES if sample.topic == topic}
    workflows = {file.stem for file in (ROOT / topic / "workflows").glob("[!_]*.py")}
    histories = (ROOT / "tests" / "histories" / topic).glob("*.json")
    assert workflows <= names
    assert {file.name.split(".")[0] for file in histories} <= names


@each_topic
async def test_every_workflow_is_registered_on_the_worker_of_its_topic(
    topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    worker = worker_of(topic, await connect(**plugin_options(topic)))
    registered = {defn.__name__ for defn in worker.config()["workflows"]}
    found = [
        node.name
        for file in modules(topic)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ClassDef)
        and any("workflow.defn" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    assert sorted(registered) == sorted(found)
    assert worker.task_queue == import_module(topic).TASK_QUEUE


def test_every_topic_has_a_task_queue_of_its_own() -> None:
    queues = Counter(import_module(topic).TASK_QUEUE for topic in TOPICS)
    assert max(queues.values()) == 1


@each_topic
def test_nothing_in_a_topic_has_the_name_of_a_module(topic: str) -> None:
    taken = sys.stdlib_module_names | packages_distributions().keys()
    inside = [path for path in (ROOT / topic).rglob("*") if path.suffix == ".py" or path.is_dir()]
    names = {path.stem for path in inside} - {"__init__", "__pycache__"}
    assert not {*names, topic} & (taken - {topic, *CODE})


@pytest.mark.parametrize("folder", CODE)
def test_every_folder_with_python_is_a_package_and_every_module_says_what_it_is(
    folder: str,
) -> None:
    for file in modules(folder):
        assert (file.parent / "__init__.py").exists(), file.parent
        assert ast.get_docstring(tree(file)), file


@pytest.mark.parametrize("folder", CODE)
def test_imports_are_absolute_and_of_the_right_package(folder: str) -> None:
    for file in modules(folder):
        imports = [node for node in ast.walk(tree(file)) if isinstance(node, ast.ImportFrom)]
        assert not [node for node in imports if node.level], f"relative import in {file}"
        shim = "temporalio.contrib." + "openai_agents"
        assert not [node for node in imports if (node.module or "").startswith(shim)], file


@each_topic
def test_files_and_functions_stay_short(topic: str) -> None:
    budgets = {**BUDGETS, **(APPLICATION_BUDGETS if topic in APPLICATIONS else {})}
    for pattern, budget in budgets.items():
        for file in ROOT.glob(pattern.format(topic=topic)):
            assert lines(file) <= budget, f"{file}: {lines(file)} lines"
    for file in modules(topic, "durable_agents"):
        for function in functions(file):
            length = lines_of_code(function)
            assert length <= LONGEST_FUNCTION, f"{file}: {function.name}: {length} lines"


@each_topic
def test_workflows_log_instead_of_printing(topic: str) -> None:
    for file in modules(f"{topic}/workflows"):
        calls = [node.func for node in ast.walk(tree(file)) if isinstance(node, ast.Call)]
        assert "print" not in [ast.unparse(call) for call in calls], file


def test_no_tracked_file_tells_of_a_machine() -> None:
    for file in tracked_files():
        text = file.read_bytes().decode(errors="replace")
        for what, pattern in PRIVATE.items():
            found = pattern.search(text)
            assert not found, f"{file}: {what}: {found[0]}"
