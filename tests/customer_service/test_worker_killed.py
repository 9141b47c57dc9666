"""The worker is killed in the middle of a turn: the client says so, and gets its answer."""

import asyncio
from pathlib import Path

import pytest

from customer_service.chat import AWAY, RESTARTED
from offline_model.server import OfflineModel
from sample_cli.catalog import find
from sample_cli.processes import until
from tests.harness.forked_worker import ForkedWorker
from tests.harness.processes import ForkedScript

SAMPLE = find("customer_service/customer_service")


@pytest.mark.exhaustive  # the real worker: its loss is noticed after 10 s
async def test_a_turn_outlives_its_worker_and_the_client_says_so(
    model: OfflineModel, tmp_path: Path
) -> None:
    arguments = ("--message", "How many bags may I take?", "--message", "Is there wifi?", "--end")
    logs = tmp_path / "worker"
    logs.mkdir()
    with ForkedScript(SAMPLE.starter, *arguments, folder=tmp_path) as client:
        model.latency = 60
        with ForkedScript(SAMPLE.worker, folder=logs):
            assert await asyncio.to_thread(model.wait_until, lambda calls: bool(calls), 25)
        model.latency = 1.5  # long enough for the client to look
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
    assert len(model.calls) == 7, "a call that was answered was made again"


async def test_without_a_worker_the_client_waits_and_says_so(
    model: OfflineModel, tmp_path: Path
) -> None:
    with ForkedScript(SAMPLE.starter, "--message", "Hello", "--end", folder=tmp_path) as client:

        async def says_so() -> bool:
            return AWAY in client.out

        await until(says_so)
        with ForkedWorker(SAMPLE.topic):
            ended = await client.ended()
    assert (ended.code, ended.err) == (0, "")
    assert "User: Hello" in ended.out
