"""A confirmation is for one step, and counts once; to say or end something cancels what waits."""

import asyncio
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowUpdateFailedError

from goal_agent.models import Activity, StepState
from goal_agent.run_worker import build_worker
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.talking import (
    EVENTS,
    INVOICE,
    begin,
    end,
    history,
    invoices,
    obedient,
    refusal,
    say,
    settled,
    waiting,
)
from tests.harness.workers import serving

confirm, cancel = AgentGoalWorkflow.confirm_step, AgentGoalWorkflow.cancel_step


async def test_of_two_confirmations_at_once_one_is_refused(ledger: Path) -> None:
    async with serving(build_worker, obedient()) as client:
        handle = await begin(client, INVOICE)
        step = await waiting(handle)
        both = (handle.execute_update(confirm, step) for _ in range(2))
        ends = await asyncio.gather(*both, return_exceptions=True)
        assert sum(isinstance(end, WorkflowUpdateFailedError) for end in ends) == 1
        await settled(handle, 1)
        await end(handle)
    assert len(invoices(ledger)) == 1


async def test_a_stale_confirmation_is_refused_by_update_and_ignored_by_signal(
    ledger: Path,
) -> None:
    async with serving(build_worker, obedient()) as client:
        handle = await begin(client)
        nothing = await refusal(handle, "x")
        assert (nothing.type, nothing.non_retryable) == ("StepNotWaiting", True)
        await say(handle, INVOICE)
        old = await waiting(handle)
        cancelled = await handle.execute_update(cancel, old)
        assert cancelled.state is StepState.CANCELLED
        await say(handle, INVOICE, 2)
        new = await waiting(handle)
        for id in (old, "", new[:-1]):
            assert repr(new) in (await refusal(handle, id)).message
            await handle.signal(AgentGoalWorkflow.confirm, id)
        assert (await history(handle)).activity is Activity.CONFIRMING
        assert invoices(ledger) == []
        await handle.signal(AgentGoalWorkflow.confirm, new)
        await settled(handle, 2)
        assert (await refusal(handle, new)).type == "StepNotWaiting"
        await end(handle)
        recorded = (await handle.fetch_history()).events
    assert invoices(ledger) == [f"{handle.id}/{new}"]
    accepted = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    updates = [event for event in recorded if event.event_type == accepted]
    assert len(updates) == 1, "a refused update leaves nothing behind"


async def test_a_prompt_cancels_the_step_that_waits_and_the_planner_is_told() -> None:
    model = obedient()
    async with serving(build_worker, model) as client:
        handle = await begin(client, EVENTS)
        step = await waiting(handle)
        now = await say(handle, "something else", 2)
        assert now.tool_data
        assert (now.tool_data.step_id, now.tool_data.state) == (step, StepState.CANCELLED)
        assert (await refusal(handle, step)).type == "StepNotWaiting"
        await end(handle)
    note, prompt = model.calls[-1].input[-2:]
    assert note == {"role": "developer", "content": "find_events was not confirmed, and not run."}
    assert prompt == {"role": "user", "content": "something else"}


async def test_prompts_that_wait_already_are_not_held_up_by_a_step() -> None:
    async with serving(build_worker, obedient()) as client:
        handle = await begin(client, EVENTS, "two", "three")
        now = await settled(handle, 3)
        await end(handle)
    assert [m.text for m in now.messages if m.actor == "user"] == [EVENTS, "two", "three"]


async def test_the_end_cancels_a_step_that_waits() -> None:
    async with serving(build_worker, obedient()) as client:
        handle = await begin(client, INVOICE)
        await waiting(handle)
        result = await end(handle)
        assert await history(handle) == result
    assert result.activity is Activity.ENDED
    assert result.tool_data
    assert result.tool_data.state is StepState.CANCELLED


async def test_prompts_that_cannot_be_taken_are_dropped() -> None:
    async with serving(build_worker, obedient()) as client:
        handle = await begin(client, INVOICE)
        await waiting(handle)
        for text in (" ", "x" * 2001):
            await handle.signal(AgentGoalWorkflow.user_prompt, text)
        await handle.signal("user_prompt", {"no": "text"})
        now = await history(handle)
        await end(handle)
    assert (now.activity, now.queued) == (Activity.CONFIRMING, 0)
