"""The scripts that prepare Temporal for the workers."""

import asyncio
import os
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from sample_cli.catalog import search_attributes
from sample_cli.temporal_server import temporal_cli
from tests.deploy.files import DEPLOY


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the Temporal CLI on its path."""
    path = f"{Path(temporal_cli()).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **variables, "PATH": path}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.exhaustive
async def test_namespace_is_created_once_with_its_search_attributes(
    temporal: WorkflowEnvironment,
) -> None:
    namespace = f"deploy-{uuid4().hex}"
    script = str(DEPLOY / "temporal" / "create_namespace.sh")
    settings = {"TEMPORAL_NAMESPACE": namespace, "RETENTION": "72h"}
    for _ in range(2):
        ended = await asyncio.to_thread(run, "sh", script, **settings)
        assert ended.returncode == 0, ended.stderr
    listed = run("temporal", "operator", "search-attribute", "list", **settings).stdout
    for name, _, kind in (attribute.partition("=") for attribute in search_attributes()):
        assert [name, kind] in [line.split() for line in listed.splitlines()]
    described = run("temporal", "operator", "namespace", "describe", namespace).stdout
    assert "72h" in described


def test_scripts_are_valid_for_the_shell_of_their_image() -> None:
    scripts = sorted(DEPLOY.rglob("*.sh"))
    assert len(scripts) == 2
    for script in scripts:
        assert run("sh", "-n", str(script)).returncode == 0
        assert script.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
