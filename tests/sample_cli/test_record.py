"""Recorded histories are scrubbed, replay, and are not overwritten."""

import json
import os
import re
import socket
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from sample_cli.catalog import ROOT, Sample, find
from sample_cli.cli import record_history
from sample_cli.history_timeline import runs
from sample_cli.processes import CommandError
from sample_cli.record import (
    check_can_record,
    recorded,
    save,
)
from tests.sample_cli.trip import Trip

HOST = socket.gethostname()
ME = f"{os.getpid()}@{HOST}"


@pytest.fixture
def hello(tmp_path: Path) -> Sample:
    """A sample that is recorded in a temporary folder."""
    return replace(find("basic/hello_world"), root=tmp_path)


async def test_every_run_is_saved_scrubbed_and_replays(
    temporal: WorkflowEnvironment, hello: Sample
) -> None:
    client, name = temporal.client, uuid4().hex
    async with Worker(client, task_queue=name, workflows=[Trip]):
        for number in range(2):
            await client.execute_workflow(
                Trip.run, args=[True], id=f"{name}-{number}", task_queue=name
            )
    found = await runs(client, f"TaskQueue = '{name}'")
    files = await save(hello, found, client)
    assert [file.name for file in files] == ["hello_world.json", "hello_world.2.json"]
    assert recorded(hello) == files
    for file in files:
        text = file.read_text()
        assert ME not in text
        assert str(ROOT) not in text
        history = WorkflowHistory.from_json("trip", text)
        await Replayer(workflows=[Trip]).replay_workflow(history)


@pytest.mark.parametrize("name", ["hello_world.json", "hello_world.2.json"])
async def test_recorded_history_is_not_overwritten(hello: Sample, name: str) -> None:
    file = hello.history.with_name(name)
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    with pytest.raises(CommandError, match=re.escape(name)) as refusal:
        await record_history(hello, [])
    assert refusal.value.exit_code == 2
    assert "workflow.patched" in str(refusal.value)
    assert file.read_text() == "{}"


def test_history_of_a_sample_with_a_longer_name_does_not_count(hello: Sample) -> None:
    other = hello.history.with_name("hello_world_again.json")
    other.parent.mkdir(parents=True)
    other.write_text("{}")
    check_can_record(hello)


async def test_service_cannot_be_recorded(hello: Sample) -> None:
    service = replace(hello, starter=hello.root / "basic" / "run_api.py", workflow=None)
    with pytest.raises(CommandError, match="record the sample that has it"):
        await record_history(service, [])


@pytest.mark.exhaustive
async def test_record_runs_the_sample_and_saves_its_history(
    hello: Sample, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await record_history(hello, ["Rivers"]) == 0
    assert "Recorded tests/histories/basic/hello_world.json" in capfd.readouterr().out
    events = json.loads(hello.history.read_text())["events"]
    assert events[-1]["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"
    assert ME.partition("@")[2] not in {event.get("identity") for event in events}
