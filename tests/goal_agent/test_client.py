"""Command line: joins open conversations, and reports ended ones, other workflows, bad input."""

from durable_agents import root_cause

import io

import pytest
import typer
from temporalio.testing import WorkflowEnvironment

from goal_agent.client import TurnFailed
from goal_agent.run_goal_workflow import main
from goal_agent.run_worker import build_worker
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.conversations import (
    EVENTS,
    obedient_model,
    start,
    wait_for_step,
    wait_until_settled,
)
from tests.harness.workers import serving


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())


async def test_joining_shows_the_decisions_of_an_open_conversation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, EVENTS)
        step = await wait_for_step(handle)
        await handle.execute_update(AgentGoalWorkflow.confirm_step, step)
        await wait_until_settled(handle, 1)
        await main(prompt=["hello"], conversation_id=handle.id)
    call = "find_events(city=Oslo, month=6)"
    assert f"System: find_events was confirmed. {call}" in capsys.readouterr().out.splitlines()


async def test_ended_conversation_is_not_started_again() -> None:
    async with serving(build_worker, obedient_model()) as client:
        await main(prompt=["done"], conversation_id="test-joined")
        first = await client.get_workflow_handle("test-joined").describe()
        with pytest.raises(typer.BadParameter, match="test-joined has ended; leave out"):
            await main(prompt=["hello"], conversation_id="test-joined")
        last = await client.get_workflow_handle("test-joined").describe()
    assert last.run_id == first.run_id


async def test_workflow_of_another_type_is_not_joined(temporal: WorkflowEnvironment) -> None:
    other = await temporal.client.start_workflow("Other", id="test-other", task_queue="theirs")
    with pytest.raises(typer.BadParameter, match="test-other is not a conversation but Other"):
        await main(prompt=["hello"], conversation_id="test-other")
    await other.terminate()


async def test_unknown_goal_is_rejected_before_the_start() -> None:
    with pytest.raises(typer.BadParameter, match="known goals: book_trip, find_event"):
        await main("nothing")


async def test_invalid_prompt_is_reported_and_the_others_are_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with serving(build_worker, obedient_model()):
        with pytest.raises(TurnFailed) as failure:
            await main(prompt=["x" * 2001, "hello"])
    assert str(root_cause(failure.value)) == "InvalidInput: prompts not answered: 1"
    shown = capsys.readouterr().out.splitlines()
    assert "Not sent: text: String should have at most 2000 characters" in shown
    assert shown[-1] == "Agent: Re: hello"
