"""A child that closes just as its parent is cancelled does not hide the cancellation."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from agents.tool_context import ToolContext
from temporalio import workflow
from temporalio.exceptions import ApplicationError

from sub_agents.children import raise_if_cancelled
from sub_agents.team import Team
from sub_agents.workflows.delegation import ResearchAgent
from sub_agents.workflows.fleet import FleetWorkflow

Children = list[object]
OUTCOMES = pytest.mark.parametrize("outcome", ["done", ApplicationError("failed")])


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], Children]:
    """Return a function that sets the outcome of children, and returns those that start.

    The parent is cancelled when the first one closes.
    """

    def prepare(outcome: object) -> Children:
        started: Children = []

        async def execute(_run: object, argument: object, **_: object) -> object:
            started.append(argument)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        info = SimpleNamespace(workflow_id="parent", is_continue_as_new_suggested=lambda: False)
        monkeypatch.setattr(workflow, "execute_child_workflow", execute)
        monkeypatch.setattr(workflow, "info", lambda: info)
        monkeypatch.setattr(workflow, "cancellation_reason", lambda: "stop" if started else None)
        return started

    return prepare


@OUTCOMES
async def test_cancelled_fleet_starts_no_more_children(
    outcome: object, children: Callable[[object], Children]
) -> None:
    started = children(outcome)
    with pytest.raises(asyncio.CancelledError):
        await FleetWorkflow().run(3, 1)
    assert started == [1]


@OUTCOMES
async def test_cancelled_lead_reads_no_outcome(
    outcome: object, children: Callable[[object], Children]
) -> None:
    started = children(outcome)
    tool = Team("terminate").tool(ResearchAgent.run, "ask", "Asks.")
    arguments = '{"task": "Look."}'
    context = ToolContext(None, tool_name="ask", tool_call_id="1", tool_arguments=arguments)
    with pytest.raises(asyncio.CancelledError):
        await tool.on_invoke_tool(context, arguments)
    assert started == ["Look."]


async def test_cancellation_of_a_task_counts_and_that_of_a_child_does_not(
    children: Callable[[object], Children],
) -> None:
    children("done")
    raise_if_cancelled()

    async def closing() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:  # the outcome of a child comes first
            raise_if_cancelled()

    task = asyncio.create_task(closing())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
