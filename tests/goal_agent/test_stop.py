"""A conversation ends within a second and reports what was in flight as unknown."""

from durable_agents.plugin import HEARTBEAT_INTERVAL

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowFailureError

from goal_agent.goals import GOALS
from goal_agent.models import ConversationStatus, StepState
from goal_agent.run_worker import build_worker
from goal_agent.toolbox.definition import ToolDefinition
from goal_agent.toolbox.registry import TOOLS
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.conversations import Handle, history, obedient_model, start, wait_for_step
from tests.goal_agent.hanging import HangingModel, HangingTool, cancelled, hanging
from tests.harness.workers import serving

REQUESTS = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
)
ENDED = "ConversationEnded"
# Activities learn of a cancellation with their next heartbeat.
CANCEL_TIMEOUT = HEARTBEAT_INTERVAL.total_seconds() + 0.5


@pytest.fixture(autouse=True)
def hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a tool that hangs to a goal."""
    hanging.clear()
    cancelled.clear()
    tool = ToolDefinition(name="hang", description="HangingModel.", arguments=HangingTool)
    monkeypatch.setitem(TOOLS, "hang", tool)
    goal = GOALS["find_event"].model_copy(update={"tools": ["hang"]})
    monkeypatch.setitem(GOALS, "find_event", goal)


async def ends(handle: Handle) -> None:
    await handle.signal(AgentGoalWorkflow.end_chat)
    assert (await handle.result()).activity is ConversationStatus.ENDED


async def cancels(handle: Handle) -> None:
    await handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await handle.result()


@pytest.mark.parametrize("stop", [ends, cancels])
@pytest.mark.parametrize("what", ["model", "tool"])
async def test_hanging_call_does_not_delay_the_end(
    what: str, stop: Callable[[Handle], Coroutine[Any, Any, None]]
) -> None:
    model = HangingModel() if what == "model" else obedient_model()
    async with serving(build_worker, model) as client:
        handle = await start(client, "use hang", goal="find_event")
        if what == "tool":
            await handle.execute_update(AgentGoalWorkflow.confirm_step, await wait_for_step(handle))
        await hanging.wait()
        await handle.execute_update(AgentGoalWorkflow.send_prompt, "and then?")
        stopping = asyncio.create_task(stop(handle))
        async with asyncio.timeout(CANCEL_TIMEOUT):
            await cancelled.wait()
        await stopping
        now = await history(handle)
        events = (await handle.fetch_history()).events
    [asked] = [event for event in events if event.event_type in REQUESTS]
    took = events[-1].event_time.ToDatetime() - asked.event_time.ToDatetime()
    assert took.total_seconds() < 1
    said = [(message.actor, message.text, message.error) for message in now.messages[1:]]
    assert [one for one in said if one[2]] == [
        ("system", "The conversation has ended. The last prompt was not answered.", ENDED),
        ("system", "The conversation has ended. This was not answered.", ENDED),
    ]
    assert now.answered == 2
    if what == "tool":
        assert now.tool_data
        assert now.tool_data.state is StepState.FAILED
        assert ("tool", now.tool_data.result, None) in said
        assert "outcome is unknown" in (now.tool_data.result or "")
