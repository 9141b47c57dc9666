"""How a conversation ends: by silence, by request, by a cancellation, and without a model."""

import asyncio
from datetime import timedelta

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError

from customer_service.models import ConversationResult
from customer_service.run_worker import build_worker
from customer_service.workflows.customer_service import CustomerServiceWorkflow
from tests.customer_service.conversations import (
    answers,
    begin,
    hanging,
    history,
    refusal,
    say,
    serving_on_skipped_time,
)
from tests.harness.workers import serving


async def test_silence_ends_it_half_an_hour_after_the_last_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_on_skipped_time(answers(2), monkeypatch) as (client, skipping):
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


async def test_escalated_conversation_ends_on_request() -> None:
    async with serving(build_worker, answers(0)) as client:
        handle = await begin(client, context={"escalated": True, "notified": True})
        await say(handle, "Hello?", 0)
        async with asyncio.timeout(5):
            result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
    assert result == ConversationResult(summary="All was answered.", turns=0, escalated=True)
