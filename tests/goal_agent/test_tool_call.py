"""A confirmation is valid for one step, once; prompts and the end cancel a waiting step."""

import asyncio
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError

from goal_agent.models import ConversationStatus, StepState
from goal_agent.run_worker import build_worker
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.conversations import (
    EVENTS,
    INVOICE,
    end,
    history,
    invoices,
    obedient_model,
    rejection_of,
    send_prompt,
    start,
    wait_for_step,
    wait_until_settled,
)
from tests.harness.workers import serving

confirm, cancel = AgentGoalWorkflow.confirm_step, AgentGoalWorkflow.cancel_step


async def test_second_of_two_simultaneous_confirmations_is_rejected(ledger: Path) -> None:
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, INVOICE)
        step = await wait_for_step(handle)
        both = (handle.execute_update(confirm, step) for _ in range(2))
        ends = await asyncio.gather(*both, return_exceptions=True)
        assert sum(isinstance(end, WorkflowUpdateFailedError) for end in ends) == 1
        await wait_until_settled(handle, 1)
        await end(handle)
    assert len(invoices(ledger)) == 1


async def test_stale_confirmation_is_rejected_as_update_and_ignored_as_signal(
    ledger: Path,
) -> None:
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client)
        nothing = await rejection_of(handle, "x")
        assert (nothing.type, nothing.non_retryable) == ("StepNotWaiting", True)
        await send_prompt(handle, INVOICE)
        old = await wait_for_step(handle)
        cancelled = await handle.execute_update(cancel, old)
        assert cancelled.state is StepState.CANCELLED
        await send_prompt(handle, INVOICE, 2)
        new = await wait_for_step(handle)
        for id in (old, "", new[:-1]):
            assert repr(new) in (await rejection_of(handle, id)).message
            assert repr(new) in (await rejection_of(handle, id, cancel=True)).message
            await handle.signal(AgentGoalWorkflow.confirm, id)
        assert (await history(handle)).activity is ConversationStatus.CONFIRMING
        assert invoices(ledger) == []
        await handle.signal(AgentGoalWorkflow.confirm, new)
        await wait_until_settled(handle, 2)
        assert (await rejection_of(handle, new)).type == "StepNotWaiting"
        await end(handle)
        recorded = (await handle.fetch_history()).events
    assert invoices(ledger) == [f"{handle.id}/{new}"]
    accepted = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    updates = [event for event in recorded if event.event_type == accepted]
    assert len(updates) == 1, "a refused update leaves nothing behind"


async def test_prompt_cancels_the_waiting_step_and_the_planner_sees_it() -> None:
    model = obedient_model()
    async with serving(build_worker, model) as client:
        handle = await start(client, EVENTS)
        step = await wait_for_step(handle)
        now = await send_prompt(handle, "something else", 2)
        assert now.tool_data
        assert (now.tool_data.step_id, now.tool_data.state) == (step, StepState.CANCELLED)
        assert (await rejection_of(handle, step)).type == "StepNotWaiting"
        await end(handle)
    note, prompt = model.calls[-1].input[-2:]
    assert note == {"role": "developer", "content": "find_events was not confirmed, and not run."}
    assert prompt == {"role": "user", "content": "something else"}


async def test_queued_prompt_cancels_the_next_step() -> None:
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, EVENTS, "two", "three")
        now = await wait_until_settled(handle, 3)
        await end(handle)
    assert [m.text for m in now.messages if m.actor == "user"] == [EVENTS, "two", "three"]


async def test_end_cancels_the_waiting_step() -> None:
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, INVOICE)
        await wait_for_step(handle)
        result = await end(handle)
        assert await history(handle) == result
    assert result.activity is ConversationStatus.ENDED
    assert result.tool_data
    assert result.tool_data.state is StepState.CANCELLED


async def test_invalid_prompt_signals_are_dropped() -> None:
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, INVOICE)
        await wait_for_step(handle)
        for text in (" ", "x" * 2001):
            await handle.signal(AgentGoalWorkflow.user_prompt, text)
        await handle.signal("user_prompt", {"no": "text"})
        now = await history(handle)
        await end(handle)
    assert (now.activity, now.queued) == (ConversationStatus.CONFIRMING, 0)
