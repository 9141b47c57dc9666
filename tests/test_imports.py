"""Imports: topics are independent, dependencies are declared, and there are no cycles."""

import ast
import re
import sys
import tomllib
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pytest

from sample_cli.catalog import ROOT
from tests.harness.source import CODE, import_graph, module_name, modules, reachable, tree
from tests.harness.starters import TOPICS
from tests.test_budgets import OPTIONAL

# The one import between topics that is allowed: a package that both topics' READMEs name.
SHARED = {"financial_research_agent": "research_bot.pipeline"}

each_topic = pytest.mark.parametrize("topic", TOPICS)


def imports_of(folder: str) -> set[str]:
    """Return the modules of this repository that a folder imports from outside it."""
    inside = [found for name, found in import_graph().items() if name.split(".")[0] == folder]
    return {name for found in inside for name in found if name.split(".")[0] != folder}


@each_topic
def test_topic_imports_only_itself_and_durable_agents(topic: str) -> None:
    allowed = ("durable_agents.", f"{SHARED.get(topic, 'durable_agents')}.")
    assert not {name for name in imports_of(topic) if not f"{name}.".startswith(allowed)}


def test_durable_agents_imports_nothing_else() -> None:
    assert not imports_of("durable_agents")


def test_core_of_durable_agents_imports_no_optional_module() -> None:
    assert not {module_name(ROOT / file) for file in OPTIONAL} & reachable(["durable_agents"])


def test_sample_cli_and_offline_model_import_no_sample() -> None:
    imported = {name.split(".")[0] for name in imports_of("sample_cli")}
    assert imported == {"offline_model", "durable_agents"}
    assert not imports_of("offline_model")


def test_import_graph_has_no_cycle() -> None:
    try:
        TopologicalSorter(import_graph()).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("folder", CODE)
def test_imports_are_absolute_and_avoid_the_shim(folder: str) -> None:
    for file in modules(folder):
        imports = [node for node in ast.walk(tree(file)) if isinstance(node, ast.ImportFrom)]
        assert not [node for node in imports if node.level], f"relative import in {file}"
        shim = "temporalio.contrib." + "openai_agents"
        assert not [node for node in imports if (node.module or "").startswith(shim)], file


owners_of_packages = cache(packages_distributions)  # reads the metadata of every distribution


def declared(folder: str) -> set[str]:
    """Return the distributions that pyproject.toml installs for a folder, with what they need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    pending = [*project["project"]["dependencies"], *groups.get(folder.replace("_", "-"), [])]
    found: set[str] = set()
    while pending:
        requirement = pending.pop()
        if isinstance(requirement, dict):
            pending += groups[requirement["include-group"]]
        elif (name := distribution(requirement)) not in found:
            found.add(name)
            pending += requirements(name, requirement)
    return found


def distribution(requirement: str) -> str:
    """Return the normalized name of a requirement's distribution."""
    name = re.match(r"[\w.-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def requirements(name: str, requirement: str) -> list[str]:
    """Return what a distribution needs, with the extras that the requirement asks for."""
    wanted = re.findall(r"[\w-]+", (re.findall(r"\[(.*?)\]", requirement) or [""])[0])
    try:
        all_of_them = requires(name) or []
    except PackageNotFoundError:  # for another platform
        return []
    extras = [(need, re.findall(r"extra == ['\"](.+?)['\"]", need)) for need in all_of_them]
    return [need for need, extra in extras if not extra or {*extra} & {*wanted}]


@pytest.mark.parametrize("folder", [*TOPICS, "durable_agents", "offline_model", "sample_cli"])
def test_third_party_imports_are_declared_for_the_folder(folder: str) -> None:
    owners = owners_of_packages()
    nodes = [node for file in modules(folder) for node in ast.walk(tree(file))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    packages = {name.split(".")[0] for name in names} - sys.stdlib_module_names - {*CODE}
    installed = declared(folder)
    for package in packages:
        assert installed & {distribution(owner) for owner in owners[package]}, package
