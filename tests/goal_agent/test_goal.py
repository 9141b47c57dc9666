"""A conversation from greeting to goal: model inputs, and the state of each step."""

from durable_agents import root_cause

from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ActivityError

from goal_agent.goals import GOALS
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
    send_prompt,
    start,
    texts,
    wait_for_step,
    wait_until_settled,
)
from tests.harness.workers import serving

confirm = AgentGoalWorkflow.confirm_step


async def test_goal_is_reached_with_every_step_confirmed(ledger: Path) -> None:
    model = obedient_model()
    async with serving(build_worker, model) as client:
        handle = await start(client)
        assert (await wait_until_settled(handle)).messages[0].text == GOALS["book_trip"].starter
        assert not model.calls, "a greeting needs no model"

        now = await send_prompt(handle, f"{EVENTS}; {INVOICE}")
        assert now.tool_data
        assert now.tool_data.args == {"city": "Oslo", "month": 6}
        first = await handle.execute_update(confirm, now.tool_data.step_id)
        assert (first.step_id, first.state) == (now.tool_data.step_id, StepState.RUNNING)
        second = await wait_for_step(handle)
        assert second != first.step_id
        assert invoices(ledger) == [], "nothing runs unconfirmed"
        await handle.execute_update(confirm, second)
        now = await wait_until_settled(handle, answered=1)
        assert now.tool_data
        assert (now.tool_data.state, now.tool_data.step_id) == (StepState.DONE, second)
        assert now.tool_data.args["amount"] == "12.50"
        assert invoices(ledger) == [f"{handle.id}/{second}"]

        await handle.signal(AgentGoalWorkflow.user_prompt, "done")
        result = await handle.result()
        assert result == await history(handle)
    assert result.activity is ConversationStatus.ENDED
    actors = [m.actor for m in result.messages[2:9]]
    assert actors == ["agent", "system", "tool", "agent", "system", "tool", "agent"]
    assert "Fjord Jazz Days" in result.messages[4].text
    last = model.calls[-1]
    assert [item["role"] for item in last.input] == [
        *("assistant", "user", "assistant", "developer", "assistant", "developer"),
        *("assistant", "user"),
    ]
    assert "create_invoice" in (last.system_instructions or "")


async def test_invalid_prompt_gets_a_reason_and_missing_arguments_a_question() -> None:
    model = obedient_model()
    async with serving(build_worker, model) as client:
        handle = await start(client, "refuse this")
        assert texts((await wait_until_settled(handle, 1)).messages)[-1] == ("agent", "Not here.")
        assert len(model.calls) == 1, "the planner never saw it"
        now = await send_prompt(handle, "use search_flights origin=Berlin depart=2099-01-01", 2)
        assert now.messages[-1].text == "For that I still need: destination, back."
        assert now.tool_data is None
        await end(handle)


async def test_invalid_step_goes_back_to_planner_twice_and_is_never_shown() -> None:
    model = obedient_model()
    async with serving(build_worker, model) as client:
        handle = await start(client, "use rm path=x", "use create_invoice email=a amount=-1")
        now = await wait_until_settled(handle, 2)
        await end(handle)
    assert [m.error for m in now.messages] == [None, None, "InvalidStep", None, "InvalidStep"]
    assert now.tool_data is None
    unknown, wrong = model.calls[3].input[-2:], model.calls[7].input[-1]
    assert [item["role"] for item in unknown] == ["developer", "developer"]
    assert "known tools: find_events, search_flights, create_invoice" in unknown[0]["content"]
    assert "create_invoice.amount: Input should be greater than 0" in wrong["content"]


async def test_unknown_goal_fails_and_names_the_known_ones() -> None:
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, goal="nothing")
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert isinstance(failure.value.cause, ActivityError)
    cause = root_cause(failure.value)
    assert cause.type == "InvalidInput"
    assert "book_trip, find_event" in cause.message
