"""How a conversation ends: by silence, by a cancellation, and without a model to sum it up."""

from durable_agents import connect
import asyncio
from datetime import timedelta

import pytest
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import CancelledError
from temporalio.testing import WorkflowEnvironment

from customer_service.models import ConversationResult
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from sample_cli.server import find_program
from tests.customer_service.conversations import answers, begin, history, say
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


async def test_a_cancellation_ends_the_turn_and_all_who_wait_are_told() -> None:
    asked, over = asyncio.Event(), asyncio.Event()

    async def never(_call: ModelCall) -> list[ResponseOutputItem]:
        asked.set()
        await over.wait()
        return []

    async with serving(build_worker, ScriptedModel([ModelStep.respond(never)])) as client:
        handle = await begin(client)
        turn = asyncio.create_task(say(handle, "One", 0))
        await asked.wait()
        end = CustomerServiceWorkflow.end_conversation
        ending = asyncio.create_task(handle.execute_update(end))
        while not (await handle.query(CustomerServiceWorkflow.get_status)).ended:
            pass
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert isinstance(failure.value.cause, CancelledError)
        for waiting in (turn, ending):
            with pytest.raises(WorkflowUpdateFailedError):
                await waiting
        over.set()
