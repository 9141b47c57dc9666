"""An idle conversation ends."""

from durable_agents import connect

import asyncio
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from sample_cli.temporal_server import find_program
from tests.harness.workers import FixedModelProvider, model_params
from tests.workflow_activities.conversations import replies, say, start
from workflow_activities import limits
from workflow_activities.run_worker import build_worker


async def test_conversation_ends_after_an_hour_of_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=find_program("temporal-test-server")
    ) as skipping:
        address = skipping.client.service_client.config.target_host
        monkeypatch.setenv("TEMPORAL_ADDRESS", address)
        client = await connect(
            model_provider=FixedModelProvider(replies("A.")), model_params=model_params()
        )
        async with build_worker(client):
            handle = await start(client)
            await skipping.sleep(limits.IDLE_TIMEOUT - timedelta(minutes=1))
            await say(handle, "one")
            await skipping.sleep(limits.IDLE_TIMEOUT - timedelta(minutes=1))
            assert not (await handle.describe()).close_time
            await skipping.sleep(timedelta(minutes=2))
            async with asyncio.timeout(10):
                assert (await handle.result()).turns == 1
