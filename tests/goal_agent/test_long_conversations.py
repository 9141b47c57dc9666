"""A long conversation continues as new: no queued prompt is lost, and decisions are kept."""

import asyncio
from typing import Any

import pytest
from agents import ModelResponse
from agents.testing import ModelCall
from temporalio.exceptions import ApplicationError

from goal_agent import models
from goal_agent.activities import settings
from goal_agent.models import ConversationStatus, StepState
from goal_agent.run_worker import build_worker
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.conversations import (
    EVENTS,
    INVOICE,
    end,
    follow_prompt,
    history,
    obedient_model,
    start,
    wait_for_step,
    wait_until_settled,
)
from tests.harness.workers import FixedModelProvider, serving

confirm = AgentGoalWorkflow.confirm_step
SUMMARY = "The user wants things. Some are done."


async def test_booking_continues_in_new_runs_without_losing_a_prompt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "MAX_MESSAGES", 4)
    monkeypatch.setattr(models, "MAX_CARRIED_MESSAGES", 5)
    model = obedient_model()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        for number, prompt in enumerate([EVENTS, INVOICE]):
            await handle.signal(AgentGoalWorkflow.user_prompt, prompt)
            await handle.execute_update(confirm, await wait_for_step(handle))
            await wait_until_settled(handle, 1 + number)
        said = [f"prompt {number}" for number in range(5)]
        for prompt in said:
            await handle.signal(AgentGoalWorkflow.user_prompt, prompt)
        now = await wait_until_settled(handle, 7)
        result = await end(handle)
    assert now.summary == SUMMARY
    assert now.tool_data
    assert (now.tool_data.tool, now.tool_data.state) == ("create_invoice", StepState.DONE)
    assert now.earlier + len(now.messages) == 1 + 2 * 5 + 2 * 5
    decisions = [m.decision for m in (*now.decisions, *now.messages) if m.decision]
    assert [(one.tool, one.verdict) for one in decisions] == [
        ("find_events", "confirmed"),
        ("create_invoice", "confirmed"),
    ]
    assert decisions[0].args == {"city": "Oslo", "month": 6}
    assert len(now.decisions) == 2, "no entry is left in the messages"
    assert 5 <= len(now.messages) < 19
    answers = [m.text for m in now.messages if m.actor == "agent"]
    assert answers == [f"Re: {text}" for text in said][-len(answers) :]
    prompts = [call.input[-1]["content"] for call in model.calls if is_validator(call)]
    assert prompts == [EVENTS, INVOICE, *said], "each was taken once, in order"
    assert model.calls[-1].input[0]["content"].endswith(SUMMARY)
    assert result.answered == 7


async def test_prompts_sent_during_the_summary_are_in_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "MAX_MESSAGES", 3)
    writing, proceed = asyncio.Event(), asyncio.Event()
    async with serving(build_worker, obedient_model()) as client:
        provider = FixedModelProvider.get_response

        async def slow(self: FixedModelProvider, **call: Any) -> ModelResponse:
            if "exactly two sentences" in call["system_instructions"]:
                writing.set()
                await proceed.wait()
            return await provider(self, **call)

        monkeypatch.setattr(FixedModelProvider, "get_response", slow)
        handle = await start(client, "one")
        await writing.wait()
        await handle.signal(AgentGoalWorkflow.user_prompt, "two")
        assert (await history(handle)).activity is ConversationStatus.THINKING
        proceed.set()
        now = await wait_until_settled(handle, 2)
        await end(handle)
    assert [m.text for m in now.messages if m.actor == "user"] == ["one", "two"]
    assert now.summary == SUMMARY


async def test_next_run_has_the_last_messages_when_the_summary_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "MAX_MESSAGES", 3)

    def answer(call: ModelCall) -> str:
        if "exactly two sentences" in (call.system_instructions or ""):
            raise ApplicationError("down", non_retryable=True)
        return follow_prompt(call)

    async with serving(build_worker, obedient_model(answer=answer)) as client:
        handle = await start(client, "one", "two", "three")
        now = await wait_until_settled(handle, 3)
        await end(handle)
    assert now.summary is None
    assert [m.text for m in now.messages if m.actor == "user"] == ["one", "two", "three"]


def is_validator(call: ModelCall) -> bool:
    return "belongs to a conversation" in (call.system_instructions or "")
