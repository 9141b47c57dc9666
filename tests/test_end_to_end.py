"""Every starter runs as a process against its worker, over HTTP, from any folder."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from offline_model.server import OfflineModel
from sample_cli.catalog import Sample
from sample_cli.processes import until
from sample_cli.sample_run import WORKER_BANNER
from tests.harness.processes import Ended, ForkedScript, run_script
from tests.harness.starters import TOPICS, command_line, samples_of, setup_for

SECRET = "sk-never-to-be-recorded"
VARIABLES = ("OPENAI_API_KEY", "GPT_OSS_API_KEY", "GITHUB_MCP_TOKEN", "ANTHROPIC_API_KEY")

# The SDK's core warns if a workflow is closed during a workflow task, as a sub-agent may be.
CLOSED_MEANWHILE = re.compile(r".*\bWARN\b.*NotFoundFailure.*\n")

every_topic = pytest.mark.parametrize("topic", TOPICS)


@pytest.mark.parametrize("fresh", [False, pytest.param(True, marks=pytest.mark.exhaustive)])
@every_topic
async def test_every_starter_runs_and_no_history_contains_a_key(
    topic: str,
    fresh: bool,
    model: OfflineModel,
    temporal: WorkflowEnvironment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Run one starter in a new interpreter, or all starters in forked ones.

    Forked ones differ only in their imports, which take most of the time. The test of `sample up`
    starts all workers in new interpreters.
    """
    for name in VARIABLES:
        monkeypatch.setenv(name, SECRET)
    chosen = samples_of(topic)[: 1 if fresh else None]
    begin = datetime.now(UTC)
    start = run_fresh if fresh else run_forked
    with ForkedScript(chosen[0].worker, folder=folder_in(tmp_path, "worker")) as worker:
        async with setup_for(chosen):
            ends = await asyncio.gather(
                *(start(sample, folder_in(tmp_path, sample.name)) for sample in chosen)
            )
        printed, log = WORKER_BANNER.sub("", worker.out), worker.err
    printed = CLOSED_MEANWHILE.sub("", printed)
    for sample, ended in zip(chosen, ends, strict=True):
        assert (ended.code, ended.err) == (0, ""), sample.id
        assert ended.out.strip(), sample.id
    assert "Traceback" not in log
    assert "Failed activation" not in log
    assert not printed or topic == "tracing"  # `sample run` shows it
    for history in await histories(temporal.client, chosen, begin):
        for event in history.events:
            assert SECRET.encode() not in event.SerializeToString(), history.workflow_id


def folder_in(folder: Path, name: str) -> Path:
    """Return a new folder."""
    (folder / name).mkdir()
    return folder / name


async def run_fresh(sample: Sample, folder: Path) -> Ended:
    """Run a starter in a new interpreter until it ends."""
    return await run_script(sample.starter, *command_line(sample), folder=folder)


async def run_forked(sample: Sample, folder: Path) -> Ended:
    """Run a starter in a forked process until it ends."""
    with ForkedScript(sample.starter, *command_line(sample), folder=folder) as script:
        return await script.ended()


async def histories(client: Client, chosen: list[Sample], begin: datetime) -> list[WorkflowHistory]:
    """Return the histories of workflows started since `begin`, once the server lists them all."""
    queue, since = chosen[0].task_queue, begin.isoformat()
    query = f"TaskQueue = '{queue}' AND StartTime >= '{since}'"

    async def listed() -> bool:
        return (await client.count_workflows(query)).count >= len(chosen)

    await until(listed)
    return [
        await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        async for run in client.list_workflows(query)
    ]
