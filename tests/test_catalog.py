"""Every sample is complete and registered, and no name shadows a module."""

from durable_agents import connect

import ast
import re
import sys
from collections import Counter
from functools import cache
from importlib import import_module
from importlib.metadata import packages_distributions

import pytest

from sample_cli.catalog import ROOT, Sample, samples
from tests.harness.source import CODE, functions, modules, tree
from tests.harness.starters import TOPICS, plugin_options, worker_of

SAMPLES = samples()
WITH_WORKFLOW = [sample for sample in SAMPLES if not sample.is_service]

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
each_workflow = pytest.mark.parametrize("sample", WITH_WORKFLOW, ids=lambda sample: sample.id)
each_topic = pytest.mark.parametrize("topic", TOPICS)


def test_there_are_samples() -> None:
    assert SAMPLES


@each_workflow
def test_sample_has_a_workflow_and_a_recorded_history(sample: Sample) -> None:
    assert sample.workflow, "no workflow"
    assert sample.workflow_types, "no class with @workflow.defn"
    assert sample.history.exists(), "no history: uv run sample record " + sample.id


@each_sample
def test_sample_has_a_test(sample: Sample) -> None:
    file = ROOT / "tests" / sample.topic / f"test_{sample.name}.py"
    tests = [function.name for function in functions(file)]
    assert any(name.startswith("test_") for name in tests), "no test in its test file"


@each_sample
def test_sample_is_in_the_readme_of_its_topic(sample: Sample) -> None:
    assert sample.id in (ROOT / sample.topic / "README.md").read_text(encoding="utf-8")


@each_workflow
def test_starter_starts_the_workflow_of_its_sample(sample: Sample) -> None:
    started = set(re.findall(r"(\w+)\.run,", sample.starter.read_text(encoding="utf-8")))
    assert started & set(sample.workflow_types)


@each_topic
def test_every_workflow_and_history_has_a_starter(topic: str) -> None:
    names = {sample.name for sample in SAMPLES if sample.topic == topic}
    workflows = {file.stem for file in (ROOT / topic / "workflows").glob("[!_]*.py")}
    histories = (ROOT / "tests" / "histories" / topic).glob("*.json")
    assert workflows <= names
    assert {file.name.split(".")[0] for file in histories} <= names


@each_topic
async def test_every_workflow_is_registered_on_the_topics_worker(
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
    assert registered == {*found}  # versioning/ has the same workflow at several revisions
    assert worker.task_queue == import_module(topic).TASK_QUEUE


def test_every_topic_has_its_own_task_queue() -> None:
    queues = Counter(import_module(topic).TASK_QUEUE for topic in TOPICS)
    assert max(queues.values()) == 1


@cache
def installed_packages() -> frozenset[str]:
    """Return the names that the installed distributions add to the import path."""
    return frozenset(packages_distributions())


@each_topic
def test_no_name_in_a_topic_shadows_a_module(topic: str) -> None:
    taken = sys.stdlib_module_names | installed_packages()
    inside = [path for path in (ROOT / topic).rglob("*") if path.suffix == ".py" or path.is_dir()]
    names = {path.stem for path in inside} - {"__init__", "__pycache__"}
    assert not {*names, topic} & (taken - {topic, *CODE})


@pytest.mark.parametrize("folder", CODE)
def test_every_folder_is_a_package_and_every_module_has_a_docstring(
    folder: str,
) -> None:
    for file in modules(folder):
        assert (file.parent / "__init__.py").exists(), file.parent
        assert ast.get_docstring(tree(file)), file


@each_topic
def test_workflows_log_instead_of_printing(topic: str) -> None:
    for file in modules(f"{topic}/workflows"):
        calls = [node.func for node in ast.walk(tree(file)) if isinstance(node, ast.Call)]
        assert "print" not in [ast.unparse(call) for call in calls], file
