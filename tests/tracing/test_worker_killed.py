"""A worker is killed during a run: the next worker continues the trace."""

import asyncio
import signal
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from offline_model.server import OfflineModel
from sample_cli.catalog import find
from tests.harness.processes import ForkedScript
from tests.harness.starters import starting
from tests.tracing.receiver import Receiver

SAMPLE = find("tracing/otel_export")


@pytest.mark.exhaustive  # the server waits for the lost call's heartbeat
async def test_run_is_one_tree_when_its_worker_is_killed(
    model: OfflineModel, receiver: Receiver, temporal: WorkflowEnvironment, tmp_path: Path
) -> None:
    model.latency = 30.0
    async with starting([SAMPLE]) as starters:
        with ForkedScript(SAMPLE.worker, folder=tmp_path):  # killed at the end of the block
            assert await asyncio.to_thread(model.wait_until, lambda calls: bool(calls))
        model.latency = 0.0
        with ForkedScript(SAMPLE.worker, folder=tmp_path) as worker:
            outcome = await starters.outcome(temporal.client)
            worker.send(signal.SIGTERM)
            await worker.ended()
    outcome.assert_completed()
    assert receiver.one_tree().name == "Tide question"
    attempts = [
        attribute.value.int_value
        for span in receiver.spans
        for attribute in span.attributes
        if span.name == "invoke_model_activity" and attribute.key == "temporal.attempt"
    ]
    assert sorted(attempts) == [1, 2]
