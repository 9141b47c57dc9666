"""Our dev server pushes cancellations, and does not see the user's settings."""

import asyncio
import contextlib
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio import activity, workflow
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from sample_cli import temporal_server
from sample_cli.catalog import ROOT, search_attributes
from sample_cli.processes import free_port, until
from sample_cli.temporal_server import (
    FAST_TASKS,
    PUSH_CANCELLATIONS,
    dev_server_options,
    own_server,
)
from tests.harness.command import needs_proc


@activity.defn
async def wait() -> None:
    """Wait without heartbeats, which could deliver a cancellation."""
    await asyncio.Event().wait()


@workflow.defn(sandboxed=False)
class Waiting:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            wait,
            start_to_close_timeout=timedelta(minutes=10),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )


async def test_cancellation_is_pushed_to_an_activity_without_heartbeats(
    temporal: WorkflowEnvironment,
) -> None:
    queue = f"waiting-{uuid4().hex[:8]}"
    async with Worker(temporal.client, task_queue=queue, workflows=[Waiting], activities=[wait]):
        handle = await temporal.client.start_workflow(Waiting.run, id=queue, task_queue=queue)

        async def runs() -> bool:
            return bool((await handle.describe()).raw_description.pending_activities)

        await until(runs)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            async with asyncio.timeout(5):
                await handle.result()


def test_pushing_cancellations_is_optional() -> None:
    assert set(PUSH_CANCELLATIONS) <= set(dev_server_options())
    assert not set(PUSH_CANCELLATIONS) & set(dev_server_options(push=False))


def test_fast_tasks_are_options_of_our_servers_and_documented() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert set(FAST_TASKS) <= set(dev_server_options())
    assert tuple(re.findall(r"--dynamic-config-value (\S+)", text)) == FAST_TASKS


async def test_search_attributes_of_all_topics_are_registered(
    temporal: WorkflowEnvironment,
) -> None:
    assert search_attributes()
    for attribute in search_attributes():
        name, _, kind = attribute.partition("=")
        query = f"{name} IS NOT NULL"
        assert kind in ("Bool", "KeywordList")
        assert not [run async for run in temporal.client.list_workflows(query, limit=0)]


def environment_of_server(port: str) -> bytes:
    """Return the environment of the dev server that listens on a port."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or belongs to another user
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"start-dev" in words and port.encode() in words:
                return (folder / "environ").read_bytes()
    raise LookupError(port)


@needs_proc
async def test_own_server_does_not_see_the_users_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = f"OTEL_SERVICE_NAME={uuid4().hex}"
    monkeypatch.setenv(*mark.split("=", 1))
    monkeypatch.setenv("TEMPORAL_PROFILE", "missing")
    async with own_server(tmp_path) as server:
        assert (await server.client()).namespace == "default"
        environment = environment_of_server(server.address.rpartition(":")[2])
    assert b"OTEL_" not in environment
    assert b"TEMPORAL_" not in environment


async def test_own_server_is_not_one_that_took_its_port_first(
    temporal: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = temporal.client.service_client.config.target_host
    ports = iter([int(taken.rpartition(":")[2])])  # chosen while it was still free
    monkeypatch.setattr(temporal_server, "free_port", lambda wanted=0: next(ports, free_port()))
    async with own_server(tmp_path) as server:
        assert server.address != taken
