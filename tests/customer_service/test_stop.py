"""Stopping a turn cancels its model call and leaves the conversation as before."""

from durable_agents.plugin import HEARTBEAT_INTERVAL

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from customer_service.client import Chat
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from sample_cli.session import model_environment
from tests.customer_service.conversations import hanging, history, lines_of, rejection, say, start
from tests.harness import starters
from tests.harness.workers import serving

# Activities receive a cancellation with their next heartbeat.
NOTICED_WITHIN = HEARTBEAT_INTERVAL.total_seconds() + 0.5


async def test_stopped_turn_leaves_the_conversation_as_before() -> None:
    model, called, release = hanging()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        turn = asyncio.create_task(rejection(handle, "Zero", 0))
        await called.wait()
        async with asyncio.timeout(5):
            assert await handle.execute_update(CustomerServiceWorkflow.stop_turn)
            assert (await turn).type == "TurnStopped"
        assert not await handle.execute_update(CustomerServiceWorkflow.stop_turn)
        assert await say(handle, "One", 0) == lines_of("One")
        release.set()


async def test_turn_continues_when_its_sender_disconnects() -> None:
    model, called, release = hanging()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        turn = asyncio.create_task(Chat(handle).send("Zero"))
        await called.wait()
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        assert (await handle.query(CustomerServiceWorkflow.get_status)).doing == "is thinking"
        await handle.execute_update(CustomerServiceWorkflow.stop_turn)
        release.set()


class SilentModel:
    """A model server that never answers, and records when its client disconnects."""

    def __init__(self) -> None:
        self.called, self.left = asyncio.Event(), asyncio.Event()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.called.set()
        while await reader.read(65536):
            pass
        self.left.set()
        writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        async with await asyncio.start_server(self._connect, "127.0.0.1", 0) as server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


@pytest.mark.parametrize("update", ["end_conversation", "stop_turn"])
async def test_model_call_is_disconnected_within_a_second(
    update: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = SilentModel()
    async with model.listening() as url:
        for name, value in model_environment(url).items():
            monkeypatch.setenv(name, value)
        async with starters.topic_worker("customer_service") as (client, _worker):
            handle = await start(client)
            turn = asyncio.create_task(rejection(handle, "One", 0))
            await model.called.wait()
            stopping = asyncio.create_task(handle.execute_update(update))
            async with asyncio.timeout(NOTICED_WITHIN):
                await model.left.wait()
            assert (await turn).type == "TurnStopped"
            await stopping
            assert await history(handle) == []
