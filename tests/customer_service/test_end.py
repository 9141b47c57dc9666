"""How a conversation ends: by silence, by a cancellation, and without a model to sum it up."""

from durable_agents import connect

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.testing import WorkflowEnvironment

from customer_service.messaging import send
from customer_service.models import ConversationResult
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from sample_cli.runner import model_environment
from sample_cli.server import find_program
from tests import runs
from tests.customer_service.conversations import answers, begin, history, lines_of, refusal, say
from tests.support import OneModel, model_params, serving


async def test_silence_ends_it_half_an_hour_after_the_last_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = find_program("temporal-test-server")
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=path
    ) as skipping:
        address = skipping.client.service_client.config.target_host
        monkeypatch.setenv("TEMPORAL_ADDRESS", address)
        client = await connect(model_provider=OneModel(answers(2)), model_params=model_params())
        async with build_worker(client):
            handle = await begin(client)
            await say(handle, "One", 0)
            await skipping.sleep(timedelta(minutes=29))
            await say(handle, "Two", 2)
            await skipping.sleep(timedelta(minutes=29))
            assert not (await handle.query(CustomerServiceWorkflow.get_status)).ended
            await skipping.sleep(timedelta(minutes=2))
            result = await handle.result()
            assert len(await history(handle)) == 4
    assert result == ConversationResult(summary="All was answered.", turns=2, escalated=False)


async def test_without_a_model_the_summary_is_plain() -> None:
    down = ModelStep.raise_error(RuntimeError("Down"))
    model = ScriptedModel([[assistant_message("Answer 1.")], down])
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        await say(handle, "One", 0)
        result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
    assert result.summary == "1 messages were answered."


async def test_where_nothing_was_said_no_model_is_asked() -> None:
    model = ScriptedModel()
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
    assert result == ConversationResult(summary="Nothing was said.", turns=0, escalated=False)


def hanging() -> tuple[ScriptedModel, asyncio.Event, asyncio.Event]:
    """Return a model whose first answer never comes, when it is asked, and what ends its wait."""
    asked, over = asyncio.Event(), asyncio.Event()

    async def never(_call: ModelCall) -> list[ResponseOutputItem]:
        asked.set()
        await over.wait()
        return []

    texts = ("Answer 1.", "Bye.")
    answers = [[assistant_message(text)] for text in texts]
    return ScriptedModel([ModelStep.respond(never), *answers]), asked, over


async def test_a_cancellation_ends_the_turn_and_all_who_wait_are_told() -> None:
    model, asked, over = hanging()
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        turn = asyncio.create_task(refusal(handle, "One", 0))
        await asked.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert isinstance(failure.value.cause, CancelledError)
        assert (await turn).type == "TurnStopped"
        over.set()


async def test_ending_stops_the_turn_in_flight() -> None:
    model, asked, over = hanging()
    async with serving(build_worker, model) as client:
        handle = await begin(client, history=["User: Hi"])
        turn = asyncio.create_task(refusal(handle, "One", 1))
        await asked.wait()
        async with asyncio.timeout(5):
            result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
        assert result == ConversationResult(summary="Answer 1.", turns=0, escalated=False)
        assert (await turn).type == "TurnStopped"
        assert await history(handle) == ["User: Hi"]
        over.set()


async def test_a_stopped_turn_leaves_the_conversation_as_before() -> None:
    model, asked, over = hanging()
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        turn = asyncio.create_task(refusal(handle, "Zero", 0))
        await asked.wait()
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


async def test_ending_cancels_the_model_call_in_flight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = SilentModel()
    async with model.listening() as url:
        for name, value in model_environment(url).items():
            monkeypatch.setenv(name, value)
        async with runs.serving("customer_service") as (client, _worker):
            handle = await begin(client)
            turn = asyncio.create_task(refusal(handle, "One", 0))
            await model.asked.wait()
            ending = handle.execute_update(CustomerServiceWorkflow.end_conversation)
            async with asyncio.timeout(1):
                assert (await ending).summary == "Nothing was said."
                assert (await turn).type == "TurnStopped"
            async with asyncio.timeout(2):  # a heartbeat is due each second
                await model.left.wait()
