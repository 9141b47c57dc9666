"""Conversations end on idle timeout, on request, on cancellation, and without a model."""

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
    hanging,
    history,
    rejection,
    say,
    start,
)
from tests.harness.workers import serving, serving_on_skipped_time


async def test_conversation_ends_after_half_an_hour_of_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_on_skipped_time(build_worker, answers(2), monkeypatch) as (client, skipping):
        handle = await start(client)
        await say(handle, "One", 0)
        await skipping.sleep(timedelta(minutes=29))
        await say(handle, "Two", 2)
        await skipping.sleep(timedelta(minutes=29))
        assert not (await handle.query(CustomerServiceWorkflow.get_status)).ended
        await skipping.sleep(timedelta(minutes=2))
        result = await handle.result()
        assert len(await history(handle)) == 4
    assert result == ConversationResult(summary="All was answered.", turns=2, escalated=False)


async def test_summary_is_a_fixed_sentence_when_the_model_fails() -> None:
    down = ModelStep.raise_error(RuntimeError("Down"))
    model = ScriptedModel([[assistant_message("Answer 1.")], down])
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await say(handle, "One", 0)
        result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
    assert result.summary == "Messages answered: 1."


async def test_empty_conversation_ends_without_a_model_call() -> None:
    model = ScriptedModel()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
    assert result == ConversationResult(
        summary="No messages were exchanged.", turns=0, escalated=False
    )


async def test_cancellation_stops_the_turn_and_fails_pending_updates() -> None:
    model, called, release = hanging()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        turn = asyncio.create_task(rejection(handle, "One", 0))
        await called.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert isinstance(failure.value.cause, CancelledError)
        assert (await turn).type == "TurnStopped"
        release.set()


async def test_end_stops_the_turn_in_flight() -> None:
    model, called, release = hanging()
    async with serving(build_worker, model) as client:
        handle = await start(client, history=["User: Hi"])
        turn = asyncio.create_task(rejection(handle, "One", 1))
        await called.wait()
        async with asyncio.timeout(5):
            result = await handle.execute_update(CustomerServiceWorkflow.end_conversation)
        assert result == ConversationResult(summary="Answer 1.", turns=0, escalated=False)
        assert (await turn).type == "TurnStopped"
        assert await history(handle) == ["User: Hi"]
        release.set()
