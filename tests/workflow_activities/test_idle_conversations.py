"""An idle conversation ends."""

import asyncio
from datetime import timedelta

import pytest

from tests.harness.workers import serving_on_skipped_time
from tests.workflow_activities.conversations import replies, say, start
from workflow_activities import limits
from workflow_activities.run_worker import build_worker


async def test_conversation_ends_after_an_hour_of_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serving = serving_on_skipped_time(build_worker, replies("A."), monkeypatch)
    async with serving as (client, skipping):
        handle = await start(client)
        await skipping.sleep(limits.IDLE_TIMEOUT - timedelta(minutes=1))
        await say(handle, "one")
        await skipping.sleep(limits.IDLE_TIMEOUT - timedelta(minutes=1))
        assert not (await handle.describe()).close_time
        await skipping.sleep(timedelta(minutes=2))
        async with asyncio.timeout(10):
            assert (await handle.result()).turns == 1
