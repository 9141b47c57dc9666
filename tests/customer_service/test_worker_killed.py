"""The worker is killed during a turn: the client reports it and receives its answer."""

import asyncio
from pathlib import Path

import pytest

from customer_service.client import RESTARTED, WAITING_FOR_WORKER
from offline_model.server import OfflineModel
from sample_cli.catalog import find
from sample_cli.processes import until
from tests.harness.forked_worker import ForkedWorker
from tests.harness.processes import ForkedScript

SAMPLE = find("customer_service/customer_service")


@pytest.mark.exhaustive  # the server notices the lost worker after 10 s
async def test_turn_survives_its_worker_and_client_reports_the_restart(
    model: OfflineModel, tmp_path: Path
) -> None:
    arguments = ("--message", "How many bags may I take?", "--message", "Is there wifi?", "--end")
    logs = tmp_path / "worker"
    logs.mkdir()
    with ForkedScript(SAMPLE.starter, *arguments, folder=tmp_path) as client:
        model.latency = 60
        with ForkedScript(SAMPLE.worker, folder=logs):
            assert await asyncio.to_thread(model.wait_until, lambda calls: bool(calls), 25)
        model.latency = 1.5  # long enough for the client to poll
        with ForkedScript(SAMPLE.worker, folder=logs):  # the first one has been killed
            assert await asyncio.to_thread(model.wait_until, lambda calls: len(calls) > 1, 25)
            await asyncio.to_thread(model.wait_until, lambda calls: calls[1].status is not None)
            model.latency = 0
            ended = await client.ended()
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count(RESTARTED) == 1
    answers = [line for line in ended.out.splitlines() if line.startswith("FAQ agent:")]
    assert len(answers) == 2
    assert "23 kg" in answers[0]
    assert "Skyward" in answers[1]
    assert len(model.calls) == 7, "a completed call was repeated"


async def test_client_waits_for_a_worker_and_reports_it(
    model: OfflineModel, tmp_path: Path
) -> None:
    with ForkedScript(SAMPLE.starter, "--message", "Hello", "--end", folder=tmp_path) as client:

        async def is_waiting() -> bool:
            return WAITING_FOR_WORKER in client.out

        await until(is_waiting)
        with ForkedWorker(SAMPLE.topic):
            ended = await client.ended()
    assert (ended.code, ended.err) == (0, "")
    assert "User: Hello" in ended.out
