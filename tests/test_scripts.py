"""Workers and starters as processes: how they stop, and errors in one line."""

import asyncio
import re
import signal
from pathlib import Path

import httpx2
import pytest
from temporalio.testing import WorkflowEnvironment

from offline_model.server import OfflineModel
from sample_cli.catalog import Sample
from sample_cli.processes import free_port, until
from tests.harness.forked_worker import ForkedWorker
from tests.harness.processes import ForkedScript
from tests.harness.starters import SERVICES, command_line, each_topic, samples_of, starting

NO_KEY = (
    "OPENAI_API_KEY is not set. Set it, or use the offline model: "
    "`uv run sample model` prints what to set instead.\n"
)


@pytest.mark.parametrize(
    ("topic", "number"),
    [
        ("basic", signal.SIGTERM),
        pytest.param("basic", signal.SIGINT, marks=pytest.mark.exhaustive),
        *(
            pytest.param(topic, signal.SIGTERM, marks=pytest.mark.exhaustive)
            for topic in ("customer_service", "goal_agent", "mcp_servers", "model_providers")
        ),
    ],
)
async def test_worker_finishes_its_calls_when_it_is_stopped(
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
        with ForkedWorker(topic):
            outcome = await starters.outcome(temporal.client)
    outcome.assert_completed()
    assert all(run.model_attempts[0] == 1 for run in outcome.runs), "the call was retried"


@each_topic()
async def test_worker_without_a_key_says_what_to_set(topic: str, tmp_path: Path) -> None:
    [sample, *_] = samples_of(topic)
    with ForkedScript(sample.worker, folder=tmp_path) as worker:
        ended = await worker.ended()
    assert (ended.code, ended.out, ended.err) == (2, "", NO_KEY)


@pytest.mark.parametrize("sample", SERVICES, ids=lambda sample: sample.id)
async def test_service_prints_its_address_and_stops_on_ctrl_c(
    sample: Sample, tmp_path: Path
) -> None:
    with ForkedScript(sample.starter, "--port", "0", folder=tmp_path) as script:

        async def is_serving() -> bool:
            assert script.process.is_alive(), script.err
            return bool(re.search(r"http://\S+\n", script.out))

        await until(is_serving)
        [address, *_] = re.findall(r"http://\S+", script.out)
        async with httpx2.AsyncClient() as http:
            assert (await http.get(f"{address}/openapi.json")).status_code == 200
        script.send(signal.SIGINT)
        ended = await script.ended()
    assert (ended.code, ended.err) == (130, "")


@each_topic()
@pytest.mark.parametrize("which", ["starter", "worker"])
async def test_missing_server_is_one_line_that_says_how_to_start_one(
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
