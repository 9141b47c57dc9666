"""A long conversation goes on in run after run: nothing queued is lost, what matters is kept."""

import asyncio
from typing import Any

import pytest
from agents import ModelResponse
from agents.testing import ModelCall
from temporalio.exceptions import ApplicationError

from goal_agent import talk
from goal_agent.activities import settings
from goal_agent.models import Activity, StepState
from goal_agent.run_worker import build_worker
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.talking import (
    EVENTS,
    INVOICE,
    begin,
    end,
    history,
    obedient,
    obey,
    settled,
    waiting,
)
from tests.harness.workers import FixedModelProvider, serving

confirm = AgentGoalWorkflow.confirm_step
SUMMARY = "The user wants things. Some are done."


async def test_a_booking_goes_on_in_new_runs_and_no_prompt_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "MAX_MESSAGES", 4)
    monkeypatch.setattr(talk, "WORD_FOR_WORD", 5)
    model = obedient()
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        for number, prompt in enumerate([EVENTS, INVOICE]):
            await handle.signal(AgentGoalWorkflow.user_prompt, prompt)
            await handle.execute_update(confirm, await waiting(handle))
            await settled(handle, 1 + number)
        said = [f"prompt {number}" for number in range(5)]
        for prompt in said:
            await handle.signal(AgentGoalWorkflow.user_prompt, prompt)
        now = await settled(handle, 7)
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


async def test_prompts_that_come_while_the_summary_is_written_are_in_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "MAX_MESSAGES", 3)
    writing, go_on = asyncio.Event(), asyncio.Event()
    async with serving(build_worker, obedient()) as client:
        provider = FixedModelProvider.get_response

        async def slow(self: FixedModelProvider, **call: Any) -> ModelResponse:
            if "exactly two sentences" in call["system_instructions"]:
                writing.set()
                await go_on.wait()
            return await provider(self, **call)

        monkeypatch.setattr(FixedModelProvider, "get_response", slow)
        handle = await begin(client, "one")
        await writing.wait()
        await handle.signal(AgentGoalWorkflow.user_prompt, "two")
        assert (await history(handle)).activity is Activity.THINKING
        go_on.set()
        now = await settled(handle, 2)
        await end(handle)
    assert [m.text for m in now.messages if m.actor == "user"] == ["one", "two"]
    assert now.summary == SUMMARY


async def test_without_a_summary_the_last_messages_are_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "MAX_MESSAGES", 3)

    def answer(call: ModelCall) -> str:
        if "exactly two sentences" in (call.system_instructions or ""):
            raise ApplicationError("down", non_retryable=True)
        return obey(call)

    async with serving(build_worker, obedient(answer=answer)) as client:
        handle = await begin(client, "one", "two", "three")
        now = await settled(handle, 3)
        await end(handle)
    assert now.summary is None
    assert [m.text for m in now.messages if m.actor == "user"] == ["one", "two", "three"]


def is_validator(call: ModelCall) -> bool:
    return "belongs to a conversation" in (call.system_instructions or "")
