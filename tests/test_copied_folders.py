"""A topic's folder and durable_agents, copied into an empty project, run there."""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from offline_model.server import OfflineModel
from sample_cli.catalog import ROOT, find
from sample_cli.processes import background
from sample_cli.session import fail_if_worker_exits
from tests.harness.processes import run_script
from tests.harness.starters import command_line

# Without site, the editable install does not put this repository on the path.
PYTHON = (sys.executable, "-S")

SAMPLES = [
    "basic/hello_world",
    pytest.param("customer_service/customer_service", marks=pytest.mark.exhaustive),
    pytest.param("goal_agent/goal", marks=pytest.mark.exhaustive),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project with the installed packages, whose root is on the path."""
    packages = sysconfig.get_path("purelib")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), packages]))
    return tmp_path


@pytest.mark.parametrize("name", SAMPLES)
async def test_copied_folder_runs_in_an_empty_project(
    name: str, model: OfflineModel, project: Path
) -> None:
    sample = find(name)
    for folder in (sample.topic, "durable_agents"):
        shutil.copytree(ROOT / folder, project / folder)
    script, starter = (project / file.relative_to(ROOT) for file in (sample.worker, sample.starter))
    command, log = [*PYTHON, str(script)], project / "worker.log"
    async with background("worker", command, os.environ, log) as worker:
        run = run_script(starter, *command_line(sample), python=PYTHON)
        ended = await fail_if_worker_exits(run, worker)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.strip()
    assert model.calls


async def test_repository_is_not_on_the_path_of_an_empty_project(project: Path) -> None:
    script = project / "probe.py"
    script.write_text("import temporalio\nimport durable_agents\n")
    ended = await run_script(script, python=PYTHON)
    assert ended.err.splitlines()[-1] == "ModuleNotFoundError: No module named 'durable_agents'"
