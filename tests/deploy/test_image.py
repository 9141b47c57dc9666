"""The image, built by its own steps: a worker without privileges, on files it cannot write."""

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from temporalio.testing import WorkflowEnvironment

from offline_model.server import OfflineModel
from sample_cli.processes import free_port, until
from sample_cli.session import model_environment
from tests.deploy.dockerfile import UID, Stage, build, start, write_protect
from tests.deploy.files import DEPLOY
from tests.harness.starters import TOPICS

DOCKERFILE = DEPLOY / "Dockerfile"
PROBES = ("livez", "readyz")


@contextmanager
def image() -> Iterator[Stage]:
    """Build the last stage in a folder that other users may read, but not write."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        stage = build(DOCKERFILE, Path(folder))
        if os.geteuid():  # the files belong to this user, not to root
            write_protect(stage.root)
        yield stage
        if os.geteuid():
            write_protect(stage.root, protect=False)


@pytest.mark.alone
async def test_image_runs_every_worker_without_privileges(
    temporal: WorkflowEnvironment, model: OfflineModel
) -> None:
    address = temporal.client.service_client.config.target_host
    settings = {"TEMPORAL_ADDRESS": address, **model_environment(model.base_url)}
    with image() as stage:
        assert stage.user == f"{UID}:{UID}"
        assert_compiled(stage)
        assert_not_writable(stage)
        await assert_works_and_drains(stage, settings)
        assert model.calls
        slots = asyncio.Semaphore(2)
        await asyncio.gather(*(assert_starts(stage, topic, slots, settings) for topic in TOPICS))


def assert_compiled(stage: Stage) -> None:
    """Assert that neither topics nor dependencies are compiled each time they are imported."""
    for module in ("durable_agents/client", "basic/run_worker", "temporalio/worker/_worker"):
        folder, name = module.rsplit("/", 1)
        assert list(stage.path("").rglob(f"{folder}/__pycache__/{name}.*.pyc")), module


def assert_not_writable(stage: Stage) -> None:
    """Assert that the image's user can write to none of its files."""
    user = UID if os.geteuid() == 0 else None
    command = ["find", str(stage.root), "-writable", "!", "-type", "l"]
    found = subprocess.run(command, user=user, capture_output=True, text=True, check=True)
    assert not found.stdout


async def assert_works_and_drains(stage: Stage, settings: dict[str, str]) -> None:
    """Assert that a worker answers its probes, runs hello_world, and exits with 0 on SIGTERM."""
    probes = f"127.0.0.1:{free_port()}"
    worker = await start(stage, stage.command, **settings, PROBE_ADDRESS=probes)

    async def is_ready() -> bool:
        assert worker.returncode is None
        try:
            async with httpx2.AsyncClient() as client:
                found = [await client.get(f"http://{probes}/{path}") for path in PROBES]
        except httpx2.TransportError:  # it is starting
            return False
        return all(answer.status_code == 200 for answer in found)

    try:
        await asyncio.wait_for(until(is_ready), 60)
        starter = ["python", "basic/run_hello_world_workflow.py", "The sea"]
        haiku, errors = await (await start(stage, starter, **settings)).communicate()
        assert haiku.strip().count(b"\n") == 2, errors
    finally:
        worker.terminate()
        output = await worker.communicate()
    assert worker.returncode == 0, output


async def assert_starts(
    stage: Stage, topic: str, slots: asyncio.Semaphore, settings: dict[str, str]
) -> None:
    """Assert that the worker of a topic starts, with a folder for what it stores."""
    async with slots:
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            stored = {
                "DATABASE_URL": f"sqlite:///{folder}/topic.db",
                "PROVIDER_LEDGER": f"{folder}/ledger.db",
            }
            worker = await start(stage, stage.command, TOPIC=topic, **settings, **stored)
            assert worker.stdout
            try:
                line = await asyncio.wait_for(worker.stdout.readline(), 60)
            finally:
                worker.terminate()
                _, errors = await worker.communicate()
        assert line.startswith(b"Worker on task queue"), f"{topic}: {errors.decode()}"
        assert worker.returncode == 0, f"{topic}: {errors.decode()}"
