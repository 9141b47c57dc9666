"""Every recorded history replays, and contains no traces of the machine that recorded it."""

from durable_agents import connect

import base64
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from sample_cli.catalog import ROOT
from tests.harness.starters import TOPICS, plugin_options, worker_of
from tests.harness.workers import replay

HISTORIES = ROOT / "tests" / "histories"
FILES = sorted(HISTORIES.rglob("*.json"))
TRACES = {
    "a worker's identity": re.compile(r"\d+@[\w.-]+"),
    "this host's name": re.compile(rf"(?<![\w.-]){re.escape(socket.gethostname())}(?![\w.-])"),
    "a home folder": re.compile(r"/(?:home/(?!user\b)|Users/|root/)\w"),
    "the path of this repository": re.compile(re.escape(str(ROOT))),
    "a key": re.compile(r"sk-\w{8}"),
}

each_history = pytest.mark.parametrize(
    "file", FILES, ids=lambda file: file.relative_to(HISTORIES).with_suffix("").as_posix()
)


@workflow.defn(name="HelloWorldAgent", sandboxed=False)
class ChangedWorkflow:
    """Starts with a timer, which no recorded history does."""

    @workflow.run
    async def run(self, prompt: str) -> str:
        await workflow.sleep(1)
        return prompt


def history_of(file: Path) -> WorkflowHistory:
    """Return a recorded history, under the workflow's own id: ids of children derive from it."""
    history = WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    started = history.events[0].workflow_execution_started_event_attributes
    return WorkflowHistory(started.workflow_id or file.stem, history.events)


def texts(value: object) -> Iterator[str]:
    """Yield all texts of a history; payloads are decoded."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "data" and "metadata" in value:
                yield base64.b64decode(item).decode(errors="replace")
            else:
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    else:
        yield str(value)


@pytest.mark.parametrize("sandbox", [True, False])
@pytest.mark.parametrize("topic", TOPICS)
async def test_every_recorded_history_replays(
    topic: str, sandbox: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    histories = [history_of(file) for file in sorted((HISTORIES / topic).glob("*.json"))]
    assert histories
    client = await connect(**plugin_options(topic))
    worker = worker_of(topic, client)
    if sandbox:
        await replay(histories, client, worker)
    else:  # twice: without the sandbox, a run would find what an earlier one left in a module
        await replay([*histories, *histories], client, worker, UnsandboxedWorkflowRunner())


async def test_changed_workflow_does_not_replay() -> None:
    history = history_of(HISTORIES / "basic" / "hello_world.json")
    replayer = Replayer(workflows=[ChangedWorkflow])
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(history)


async def test_history_of_one_event_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    history = history_of(HISTORIES / "basic" / "hello_world.json")
    started = WorkflowHistory("started", history.events[:1])
    client = await connect()
    with pytest.raises(ValueError, match="started: one event"):
        await replay([started], client, worker_of("basic", client))


@each_history
def test_recorded_history_contains_nothing_about_its_machine(file: Path) -> None:
    for text in texts(json.loads(file.read_text(encoding="utf-8"))):
        for what, trace in TRACES.items():
            found = trace.search(text)
            assert not found, f"{what}: {found[0]}"
