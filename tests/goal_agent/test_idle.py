"""Prompts wait for a worker, and an idle conversation ends after a day."""

from durable_agents import connect

from datetime import timedelta

import pytest

from goal_agent.limits import MAX_QUEUED
from goal_agent.models import ConversationStatus, StepState
from goal_agent.run_worker import build_worker
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.conversations import (
    EVENTS,
    end,
    history,
    obedient_model,
    send_prompt,
    start,
    wait_until_settled,
)
from tests.harness.workers import serving, serving_on_skipped_time, timers_started

confirm = AgentGoalWorkflow.confirm_step


async def test_prompts_wait_for_a_worker_up_to_the_limit() -> None:
    handle = await start(await connect(), "first")
    for number in range(MAX_QUEUED + 5):
        await handle.signal(AgentGoalWorkflow.user_prompt, f"{number}")
    async with serving(build_worker, obedient_model()):
        now = await wait_until_settled(handle, MAX_QUEUED)
        await end(handle)
    said = [m.text for m in now.messages if m.actor == "user"]
    assert said == ["first", *(f"{number}" for number in range(MAX_QUEUED - 1))]


async def test_prompts_do_not_restart_the_timer() -> None:
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client)
        for number in (1, 2, 3):
            await send_prompt(handle, "Hi", number)
        assert await timers_started(handle) == 1
        await end(handle)


@pytest.mark.parametrize("prompts", [[], [EVENTS]])
async def test_conversation_ends_after_a_day_of_silence(
    prompts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    serving_skipped = serving_on_skipped_time(build_worker, obedient_model(), monkeypatch)
    async with serving_skipped as (client, skipping):
        handle = await start(client, *prompts)
        before = await wait_until_settled(handle)
        await skipping.sleep(timedelta(hours=23, minutes=59))
        assert await history(handle) == before
        await skipping.sleep(timedelta(minutes=2))
        result = await handle.result()
    assert result.activity is ConversationStatus.ENDED
    if prompts:
        assert result.tool_data
        assert result.tool_data.state is StepState.CANCELLED
