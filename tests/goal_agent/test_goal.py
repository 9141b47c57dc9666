"""A conversation from greeting to goal: what the models see, and what becomes of each step."""

from durable_agents import root_cause

from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ActivityError

from goal_agent.goals import GOALS
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
    say,
    settled,
    texts,
    waiting,
)
from tests.harness.workers import serving

confirm = AgentGoalWorkflow.confirm_step


async def test_a_goal_is_reached_step_by_step_with_each_step_confirmed(ledger: Path) -> None:
    model = obedient()
    async with serving(build_worker, model) as client:
        handle = await begin(client)
        assert (await settled(handle)).messages[0].text == GOALS["book_trip"].starter
        assert not model.calls, "a greeting needs no model"

        now = await say(handle, f"{EVENTS}; {INVOICE}")
        assert now.tool_data
        assert now.tool_data.args == {"city": "Oslo", "month": 6}
        first = await handle.execute_update(confirm, now.tool_data.step_id)
        assert (first.step_id, first.state) == (now.tool_data.step_id, StepState.RUNNING)
        second = await waiting(handle)
        assert second != first.step_id
        assert invoices(ledger) == [], "nothing runs unconfirmed"
        await handle.execute_update(confirm, second)
        now = await settled(handle, answered=1)
        assert now.tool_data
        assert (now.tool_data.state, now.tool_data.step_id) == (StepState.DONE, second)
        assert now.tool_data.args["amount"] == "12.50"
        assert invoices(ledger) == [f"{handle.id}/{second}"]

        await handle.signal(AgentGoalWorkflow.user_prompt, "done")
        result = await handle.result()
        assert result == await history(handle)
    assert result.activity is Activity.ENDED
    actors = [m.actor for m in result.messages[2:9]]
    assert actors == ["agent", "system", "tool", "agent", "system", "tool", "agent"]
    assert "Fjord Jazz Days" in result.messages[4].text
    last = model.calls[-1]
    assert [item["role"] for item in last.input] == [
        *("assistant", "user", "assistant", "developer", "assistant", "developer"),
        *("assistant", "user"),
    ]
    assert "create_invoice" in (last.system_instructions or "")


async def test_a_prompt_is_refused_with_the_reason_and_missing_arguments_are_asked_for() -> None:
    model = obedient()
    async with serving(build_worker, model) as client:
        handle = await begin(client, "refuse this")
        assert texts((await settled(handle, 1)).messages)[-1] == ("agent", "Not here.")
        assert len(model.calls) == 1, "the planner never saw it"
        now = await say(handle, "use search_flights origin=Berlin depart=2099-01-01", 2)
        assert now.messages[-1].text == "For that I still need to know: destination, back."
        assert now.tool_data is None
        await end(handle)


async def test_a_step_that_cannot_be_is_the_planners_to_mend_twice_and_never_shown() -> None:
    model = obedient()
    async with serving(build_worker, model) as client:
        handle = await begin(client, "use rm path=x", "use create_invoice email=a amount=-1")
        now = await settled(handle, 2)
        await end(handle)
    assert [m.error for m in now.messages] == [None, None, "InvalidStep", None, "InvalidStep"]
    assert now.tool_data is None
    unknown, wrong = model.calls[3].input[-2:], model.calls[7].input[-1]
    assert [item["role"] for item in unknown] == ["developer", "developer"]
    assert "known are: find_events, search_flights, create_invoice" in unknown[0]["content"]
    assert "create_invoice.amount: Input should be greater than 0" in wrong["content"]


async def test_an_unknown_goal_fails_with_the_known_ones() -> None:
    async with serving(build_worker, obedient()) as client:
        handle = await begin(client, goal="nothing")
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert isinstance(failure.value.cause, ActivityError)
    cause = root_cause(failure.value)
    assert cause.type == "InvalidInput"
    assert "book_trip, find_event" in cause.message


@pytest.mark.parametrize("prompts", [[" "], ["x" * 2001], ["x"] * 21])
async def test_a_start_with_a_prompt_that_cannot_be_taken_fails(prompts: list[str]) -> None:
    async with serving(build_worker, obedient()) as client:
        handle = await begin(client, *prompts)
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert root_cause(failure.value).type == "InvalidInput"
