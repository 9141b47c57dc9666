"""A turn that is stopped: its model call is cancelled, and nothing of it is kept."""

from durable_agents.plugin import HEARTBEAT_INTERVAL

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from customer_service.messaging import send
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from sample_cli.session import model_environment
from tests.customer_service.conversations import begin, hanging, history, lines_of, refusal, say
from tests.harness import starters
from tests.harness.workers import serving

# Activities hear of a cancellation by their next heartbeat.
NOTICED_WITHIN = HEARTBEAT_INTERVAL.total_seconds() + 0.5


async def test_a_stopped_turn_leaves_the_conversation_as_before() -> None:
    model, asked, over = hanging()
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        turn = asyncio.create_task(refusal(handle, "Zero", 0))
        await asked.wait()
        async with asyncio.timeout(5):
            assert await handle.execute_update(CustomerServiceWorkflow.stop_turn)
            assert (await turn).type == "TurnStopped"
        assert not await handle.execute_update(CustomerServiceWorkflow.stop_turn)
        assert await say(handle, "One", 0) == lines_of("One")
        over.set()


async def test_a_sender_who_leaves_does_not_stop_the_turn() -> None:
    model, asked, over = hanging()
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        turn = asyncio.create_task(send(handle, "Zero", 0))
        await asked.wait()
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        assert (await handle.query(CustomerServiceWorkflow.get_status)).doing == "is thinking"
        await handle.execute_update(CustomerServiceWorkflow.stop_turn)
        over.set()


class SilentModel:
    """A model server that never answers, and notes who hangs up."""

    def __init__(self) -> None:
        self.asked, self.left = asyncio.Event(), asyncio.Event()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked.set()
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
        async with starters.serving("customer_service") as (client, _worker):
            handle = await begin(client)
            turn = asyncio.create_task(refusal(handle, "One", 0))
            await model.asked.wait()
            stopping = asyncio.create_task(handle.execute_update(update))
            async with asyncio.timeout(NOTICED_WITHIN):
                await model.left.wait()
            assert (await turn).type == "TurnStopped"
            await stopping
            assert await history(handle) == []
