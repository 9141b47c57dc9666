"""A worker that is killed in mid-rollout costs no message."""

from durable_agents import connect

import asyncio

import pytest

from offline_model.server import OfflineModel
from tests.harness.environment import variables
from tests.harness.forked_worker import ForkedWorker
from tests.harness.kills import fail_lost_activities
from tests.harness.starters import Starters
from tests.versioning.builds import close_chats, end, say, start
from versioning.deployment import Deployment

CHATS = 8
MESSAGE = "I have a shady balcony."
ANSWER = "On a shady balcony, ferns, mint and lettuce grow well."
STOCK = " In stock: ferns, mint, tomatoes, lavender."


def forked(build: str) -> ForkedWorker:
    """Start a worker of a build in a process of its own."""
    with variables(TEMPORAL_WORKER_BUILD_ID=build):
        return ForkedWorker("versioning")


@pytest.mark.exhaustive
async def test_killed_worker_of_v2_costs_no_message_in_mid_rollout(model: OfflineModel) -> None:
    deployment = Deployment(await connect())
    with forked("v1") as old, forked("v2") as killed:
        await deployment.wait_for_worker("v1")
        await deployment.wait_for_worker("v2")
        await deployment.set_current("v1")
        chats = [await start(deployment) for _ in range(CHATS)]
        assert await asyncio.gather(*(say(chat, MESSAGE) for chat in chats)) == [ANSWER] * CHATS
        model.latency, calls = 60, len(model.calls)
        sending = [asyncio.create_task(say(chat, MESSAGE)) for chat in chats]
        await deployment.set_current("v2")
        assert await asyncio.to_thread(model.wait_until, lambda made: len(made) > calls)
        killed.kill()
        old.kill()
        model.latency = 0
        lost = Starters([])
        lost.workflows.update({chat.id: "versioning/deploy" for chat in chats})
        failing = [
            asyncio.create_task(fail_lost_activities(each.identity, lost, deployment.client))
            for each in (old, killed)
        ]
        with forked("v1"), forked("v2"):
            answers = await asyncio.gather(*sending)
            assert {answer.removesuffix(STOCK) for answer in answers} == {ANSWER}
            assert await asyncio.gather(*map(end, chats)) == [2] * CHATS
        for each in failing:
            each.cancel()
    await close_chats(deployment)
