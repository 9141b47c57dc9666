"""Reads the files of deploy/."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sample_cli.catalog import ROOT
from tests.harness.source import modules, tree
from tests.harness.starters import TOPICS

DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
DASHBOARD = json.loads((DEPLOY / "grafana/dashboards/agents.json").read_text(encoding="utf-8"))
VARIANTS = ["deployment", "worker-controller"]

# Variables that libraries read, so no source here names them.
LIBRARIES = {
    *("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_DEFAULT_MODEL"),
    *("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"),
}

Document = dict[str, Any]


def read_yaml(path: Path) -> list[Document]:
    """Return the documents of a YAML file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def objects(variant: str) -> list[Document]:
    """Return the objects that a folder of deploy/kubernetes applies, as kustomize lists them."""
    (kustomization,) = read_yaml(KUBERNETES / variant / "kustomization.yaml")
    files = [KUBERNETES / variant / name for name in kustomization["resources"]]
    return [document for file in files for document in read_yaml(file)]


def spec_of(documents: list[Document], kind: str) -> Document:
    """Return the spec of the one object of a kind."""
    (spec,) = (document["spec"] for document in documents if document["kind"] == kind)
    assert isinstance(spec, dict)
    return spec


def pod_of(variant: str) -> Document:
    """Return the pod template of a variant."""
    kind = "Deployment" if variant == "deployment" else "WorkerDeployment"
    template = spec_of(objects(variant), kind)["template"]
    assert isinstance(template, dict)
    return template


def container_of(variant: str) -> Document:
    """Return the container of a variant's pod."""
    (container,) = pod_of(variant)["spec"]["containers"]
    assert isinstance(container, dict)
    return container


def services() -> dict[str, Document]:
    """Return the services of the compose file, with merged anchors."""
    (document,) = read_yaml(DEPLOY / "compose.yaml")
    found = document["services"]
    assert isinstance(found, dict)
    return found


@cache
def variables_read() -> set[str]:
    """Return the variables that topics and durable_agents name, and those that libraries read."""
    constants = {text for file in modules(*TOPICS, "durable_agents") for text in texts(file)}
    return LIBRARIES | {text for text in constants if re.fullmatch("[A-Z]+_[A-Z_]+", text)}


def texts(file: Path) -> Iterator[str]:
    """Yield the string constants of a module."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
