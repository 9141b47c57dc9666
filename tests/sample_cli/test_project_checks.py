"""A project from `sample new` passes its own checks, and its agent answers."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from offline_model.server import OfflineModel
from sample_cli.processes import background
from tests.harness.processes import run_script

pytestmark = pytest.mark.exhaustive


def run(project: Path, *command: str) -> str:
    """Run a command of the project in a clean environment; return what it prints."""
    kept = ("HOME", "PATH", "SSL_", "UV_INDEX", "UV_DEFAULT_INDEX", "HTTP", "http", "PIP_", "NO_")
    env = {name: os.environ[name] for name in os.environ if name.startswith(kept)}
    env["UV_PYTHON"] = sys.executable
    ended = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.long  # installs the project's packages
def test_new_project_passes_its_own_checks(project: Path) -> None:
    uv = shutil.which("uv")
    assert uv
    assert re.search(r"^\d+ passed in", run(project, uv, "run", "pytest", "-q"), re.MULTILINE)
    assert "All checks passed" in run(project, uv, "run", "ruff", "check")
    run(project, uv, "run", "ruff", "format", "--check")
    assert "Success" in run(project, uv, "run", "mypy")


async def test_worker_and_starter_of_a_new_project_answer(
    project: Path, model: OfflineModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(project))
    command = [sys.executable, str(project / "clock_agent" / "run_worker.py")]
    async with background("worker", command, os.environ, project / "log"):
        ended = await run_script(project / "clock_agent" / "run_agent.py")
    assert (ended.code, ended.err) == (0, "")
    assert re.fullmatch(r"It is \d\d:\d\d in Tokyo\.\n", ended.out)
    assert len(model.calls) == 2
