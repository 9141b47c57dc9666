"""The Kubernetes manifests and the compose file match their schemas."""

import copy
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from sample_cli.temporal_server import temporal_cli
from tests.deploy.files import DEPLOY, KUBERNETES, VARIANTS, Document, objects, read_yaml
from tests.deploy.schemas import validate

DOCUMENTS = [document for variant in VARIANTS for document in objects(variant)]
each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[f"{n}-{d['kind']}" for n, d in enumerate(DOCUMENTS)]
)

Path_ = tuple[str | int, ...]

# Their fields are names of the user's.
FREE = ("annotations", "data", "labels", "limits", "matchLabels", "requests")
IMAGE = re.compile(r"[\w./-]+:v?\d+(\.\d+){1,2}[\w.-]*")


@each_document
def test_manifest_matches_its_schema(document: Document) -> None:
    validate(document)


@each_document
def test_unknown_field_is_rejected_at_every_level(document: Document) -> None:
    paths = list(fixed_objects(document))
    assert len(paths) > 1
    for path in paths:
        changed = copy.deepcopy(document)
        inner: Any = changed
        for step in path:
            inner = inner[step]
        inner["unknownField"] = "x"
        with pytest.raises((jsonschema.ValidationError, ValidationError)):
            validate(changed)


def fixed_objects(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Yield the paths of the objects inside a value that have a fixed set of fields."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from fixed_objects(item, (*path, number))
    elif isinstance(value, dict) and path[-1:] not in [(name,) for name in FREE]:
        yield path
        for name, inner in value.items():
            yield from fixed_objects(inner, (*path, name))


def test_every_manifest_is_applied() -> None:
    for variant in VARIANTS:
        (kustomization,) = read_yaml(KUBERNETES / variant / "kustomization.yaml")
        applied = {*kustomization["resources"], "kustomization.yaml"}
        others = {file.name for file in (KUBERNETES / variant).iterdir()} - applied
        assert others == ({"values.yaml"} if variant == "worker-controller" else set())


def check_compose(file: Path) -> subprocess.CompletedProcess[str]:
    """Validate a file against the compose specification, without network access."""
    command = [sys.executable, "-m", "check_jsonschema"]
    command += ["--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_compose_file_matches_the_compose_specification(tmp_path: Path) -> None:
    checked = check_compose(DEPLOY / "compose.yaml")
    assert checked.returncode == 0, checked.stdout
    document = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    document["services"]["worker"]["healthchek"] = {}
    (tmp_path / "compose.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    checked = check_compose(tmp_path / "compose.yaml")
    assert checked.returncode == 1
    assert "healthchek" in checked.stdout


def test_every_image_is_pinned_to_a_version() -> None:
    for file in sorted(DEPLOY.rglob("*.yaml")):
        for image in re.findall(r"^\s*(?:- )?image: *(\S+)", file.read_text("utf-8"), re.MULTILINE):
            if not image.startswith(("durable-agents:", "registry.example.com/durable-agents:v")):
                assert IMAGE.fullmatch(image), f"{file}: {image}"
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    images = re.findall(r"(?:^FROM |--from=)([^\s]+[:/][^\s]+)", dockerfile, re.MULTILINE)
    assert len(images) == 3
    assert all(IMAGE.fullmatch(image) for image in images), images


def test_temporal_is_the_version_that_the_tests_run_on() -> None:
    cli = temporal_cli()
    printed = subprocess.run([cli, "--version"], capture_output=True, text=True).stdout
    server, ui = re.findall(r"(?:Server|UI) ([\d.]+)", printed)
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert re.findall(r"temporalio/(?:server|admin-tools):(\S+)", compose) == [server] * 3
    assert re.findall(r"temporalio/ui:(\S+)", compose) == [ui]
