"""Workers are killed during turns: every message is answered exactly once."""

from durable_agents import connect, update_reliably

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
from temporalio.client import Client

from conversations.client import Handle
from conversations.workflows.chat import ChatWorkflow
from offline_model.server import OfflineModel
from sample_cli.processes import until
from tests.conversations.chats import end, history, start
from tests.harness.forked_worker import ForkedWorker
from tests.harness.kills import fail_lost_activities
from tests.harness.runs import histories_of
from tests.harness.starters import Starters

KILLS = 4


@asynccontextmanager
async def without(worker: ForkedWorker, handle: Handle, client: Client) -> AsyncIterator[None]:
    """Kill a worker; during the block, fail its activities as soon as the server would."""
    worker.kill()
    lost = Starters([])
    lost.workflows[handle.id] = "conversations/chat"
    failing = asyncio.create_task(fail_lost_activities(worker.identity, lost, client))
    try:
        yield
    finally:
        failing.cancel()


async def test_killed_worker_costs_only_the_model_call_in_flight(model: OfflineModel) -> None:
    client = await connect()
    handle = await start(client)
    model.latency = 60
    with ForkedWorker("conversations") as worker:
        sending = asyncio.create_task(update_reliably(handle, ChatWorkflow.ask, "Sunny garden"))
        assert await asyncio.to_thread(model.wait_until, lambda calls: bool(calls))
        model.latency = 0
        async with without(worker, handle, client):
            with ForkedWorker("conversations"):
                answer = await sending
                assert await history(handle) == ["Sunny garden", answer]
                await handle.terminate()
    assert answer == "On a sunny garden, tomatoes, basil and lavender grow well."
    assert len(model.calls) == 2


@pytest.mark.exhaustive
@pytest.mark.long
async def test_two_clients_with_50_messages_each_are_answered_once_across_kills(
    model: OfflineModel,
) -> None:
    client = await connect()
    handle = await start(client, turns_per_run=10)
    answered: list[str] = []
    model.latency = 0.05

    async def talk(name: str) -> None:
        for number in range(50):
            text = f"{name}{number}"
            await update_reliably(handle, ChatWorkflow.ask, text, id=text)
            answered.append(text)

    async def has_answered(count: int) -> bool:
        return len(answered) >= count

    talking = asyncio.gather(talk("a"), talk("b"))
    async with AsyncExitStack() as killed:
        for kill in range(1, KILLS + 1):
            with ForkedWorker("conversations") as worker:
                await until(partial(has_answered, 20 * kill))
                await killed.enter_async_context(without(worker, handle, client))
        with ForkedWorker("conversations"):
            await talking
            said = (await history(handle))[::2]
            summary = await end(handle)
    assert Counter(said) == Counter(answered)
    for name in "ab":
        assert [text for text in said if text[0] == name] == [f"{name}{n}" for n in range(50)]
    assert summary.endswith("in 100 messages.")
    assert len(await histories_of(client, handle)) > 10
    assert len(model.calls) <= 101 + KILLS
