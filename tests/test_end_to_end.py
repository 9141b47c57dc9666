"""Everything as a user runs it: each script in its own process, over HTTP, from any folder."""

import asyncio
import signal
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from sample_cli.catalog import Sample
from sample_cli.offline.server import OfflineModel
from sample_cli.processes import free_port
from tests.fast_worker import FastWorker
from tests.processes import Ended, ForkedScript, run_script, running_script
from tests.runs import TOPICS, command_line, prepared, samples_of, starting

NO_KEY = (
    "OPENAI_API_KEY is not set. Set it, or use the offline model: "
    "`uv run sample model` prints what to set instead.\n"
)

every_topic = pytest.mark.parametrize("topic", TOPICS)


@pytest.mark.parametrize(
    ("topic", "new_interpreters"),
    [
        *((topic, 1) for topic in TOPICS),
        *(
            pytest.param(topic, len(samples_of(topic)), marks=pytest.mark.matrix)
            for topic in TOPICS
            if len(samples_of(topic)) > 1
        ),
    ],
)
async def test_every_starter_runs_from_any_folder_with_the_worker_of_its_topic(
    topic: str, new_interpreters: int, model: OfflineModel, tmp_path: Path
) -> None:
    two_at_a_time = asyncio.Semaphore(2)
    chosen = samples_of(topic)

    async def start(sample: Sample) -> Ended:
        folder = tmp_path / sample.name
        folder.mkdir()
        async with two_at_a_time:
            if sample in chosen[:new_interpreters]:
                return await run_script(sample.starter, *command_line(sample), folder=folder)
            # The same, but for its imports: they take most of the time.
            with ForkedScript(sample.starter, *command_line(sample), folder=folder) as script:
                return await script.ended()

    log = tmp_path / "worker.log"
    async with running_script(chosen[0].worker, log), prepared(chosen):
        ends = await asyncio.gather(*map(start, chosen))
    for sample, ended in zip(chosen, ends, strict=True):
        assert (ended.code, ended.err) == (0, ""), sample.id
        assert ended.out.strip(), sample.id
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said
    assert "Failed activation" not in said


@pytest.mark.parametrize(
    ("topic", "number"),
    [
        ("basic", signal.SIGINT),
        ("basic", signal.SIGTERM),
        *(
            pytest.param(topic, signal.SIGTERM, marks=pytest.mark.matrix)
            for topic in TOPICS
            if topic != "basic"
        ),
    ],
)
async def test_a_worker_that_is_told_to_stop_finishes_its_calls(
    topic: str,
    number: signal.Signals,
    model: OfflineModel,
    temporal: WorkflowEnvironment,
    tmp_path: Path,
) -> None:
    [sample, *_] = samples_of(topic)
    model.latency = 1.0
    async with starting([sample]) as starters:
        with ForkedScript(sample.worker, folder=tmp_path) as worker:
            assert await asyncio.to_thread(model.wait_until, lambda calls: bool(calls))
            worker.send(number)
            ended = await worker.ended()
        assert [call.status for call in model.calls] == [200]
        assert ended.code == 0
        assert "Traceback" not in ended.err
        assert ended.out.splitlines()[-1].startswith("Stopping")
        model.latency = 0
        with FastWorker(topic):
            outcome = await starters.outcome(temporal.client)
    outcome.assert_completed()
    assert all(run.model_attempts[0] == 1 for run in outcome.runs), "the call was made again"


@every_topic
async def test_a_worker_without_a_key_says_what_to_set(topic: str, tmp_path: Path) -> None:
    [sample, *_] = samples_of(topic)
    with ForkedScript(sample.worker, folder=tmp_path) as worker:
        ended = await worker.ended()
    assert (ended.code, ended.out, ended.err) == (2, "", NO_KEY)


@every_topic
@pytest.mark.parametrize("which", ["starter", "worker"])
async def test_without_a_server_there_is_one_line_that_says_how_to_start_one(
    topic: str, which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [sample, *_] = samples_of(topic)
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    monkeypatch.setenv("OPENAI_API_KEY", "unused")
    arguments = command_line(sample) if which == "starter" else []
    with ForkedScript(getattr(sample, which), *arguments, folder=tmp_path) as script:
        ended = await script.ended()
    assert (ended.code, ended.out) == (2, "")
    [line] = ended.err.splitlines()
    assert line.startswith(f"No Temporal server at {address} (")
    assert line.endswith("). Start one with: uv run temporal server start-dev")
