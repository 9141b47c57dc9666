"""Failed tools, and tools in flight when a conversation is cancelled."""

import asyncio

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError, CancelledError

from goal_agent.goals import GOALS
from goal_agent.models import ConversationStatus, StepState
from goal_agent.run_worker import build_worker
from goal_agent.toolbox.definition import ToolArguments, ToolDefinition
from goal_agent.toolbox.registry import TOOLS
from goal_agent.workflows.goal import AgentGoalWorkflow
from sample_cli.processes import until
from tests.goal_agent.conversations import (
    end,
    history,
    obedient_model,
    start,
    texts,
    wait_for_step,
    wait_until_settled,
)
from tests.harness.workers import serving

confirm = AgentGoalWorkflow.confirm_step
keys: list[str] = []
free = asyncio.Event()


class Unlucky(ToolArguments):
    how: str

    async def run(self, idempotency_key: str) -> str:
        keys.append(idempotency_key)
        if self.how == "wait":
            await free.wait()
            return "Waited."
        rejects = self.how == "reject" or ("reject" in self.how and len(keys) > 1)
        raise ApplicationError("no luck", non_retryable=rejects)


@pytest.fixture(autouse=True)
def unlucky(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a tool: one entry in the registry, and its name in a goal."""
    tool = ToolDefinition(name="unlucky", description="Fails.", arguments=Unlucky)
    monkeypatch.setitem(TOOLS, "unlucky", tool)
    goal = GOALS["find_event"].model_copy(update={"tools": ["unlucky", "find_events"]})
    monkeypatch.setitem(GOALS, "find_event", goal)
    keys.clear()
    free.clear()


@pytest.mark.parametrize(
    ("how", "attempts", "result"),
    [
        ("reject", 1, "unlucky was refused, nothing was done: no luck"),
        ("break", 3, "unlucky has an unknown outcome, it may have been done: no luck"),
        ("break_then_reject", 2, "unlucky has an unknown outcome, it may have been done: no luck"),
    ],
)
async def test_failed_tool_is_reported_to_planner_and_user(
    how: str, attempts: int, result: str
) -> None:
    model = obedient_model()
    async with serving(build_worker, model) as client:
        handle = await start(client, f"use unlucky how={how}", goal="find_event")
        await handle.execute_update(confirm, await wait_for_step(handle))
        now = await wait_until_settled(handle, 1)
        await end(handle)
    assert now.tool_data
    assert (now.tool_data.state, now.tool_data.result) == (StepState.FAILED, result)
    assert ("tool", result) in texts(now.messages)
    assert model.calls[-1].input[-1] == {"role": "developer", "content": result}
    assert (len(keys), len(set(keys))) == (attempts, 1), "each attempt has the same key"


async def test_cancelled_workflow_reports_its_conversation_as_ended() -> None:
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, "use unlucky how=wait", goal="find_event")
        await handle.execute_update(confirm, await wait_for_step(handle))
        await until(running)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        now = await history(handle)
        free.set()
    assert isinstance(failure.value.cause, CancelledError)
    assert now.activity is ConversationStatus.ENDED
    assert now.tool_data
    assert now.tool_data.state is StepState.FAILED
    assert "outcome is unknown" in (now.tool_data.result or "")


async def running() -> bool:
    return bool(keys)
