"""An update that is resent after continue-as-new gets the result of the first one."""

from durable_agents import update_reliably

import pytest
from temporalio.client import WorkflowUpdateFailedError

from goal_agent.activities import settings
from goal_agent.run_worker import build_worker
from goal_agent.workflows.goal import AgentGoalWorkflow
from sample_cli.processes import until
from tests.goal_agent.conversations import (
    EVENTS,
    end,
    history,
    obedient_model,
    start,
    wait_until_settled,
)
from tests.harness.workers import serving

confirm, send = AgentGoalWorkflow.confirm_step, AgentGoalWorkflow.send_prompt


async def test_resent_updates_are_recognized_in_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "MAX_MESSAGES", 3)
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client)
        first = await handle.describe()
        assert await update_reliably(handle, send, EVENTS, id="a") == 1
        now = await wait_until_settled(handle)
        assert now.tool_data
        id = now.tool_data.step_id
        confirmed = await update_reliably(handle, confirm, id, id="b")
        await wait_until_settled(handle, 1)

        async def continued() -> bool:
            return (await handle.describe()).run_id != first.run_id

        await until(continued)
        assert await update_reliably(handle, send, EVENTS, id="a") == 1
        assert await update_reliably(handle, confirm, id, id="b") == confirmed
        with pytest.raises(WorkflowUpdateFailedError):
            await update_reliably(handle, confirm, id, id="c")
        assert await update_reliably(handle, send, "hello", id="d") == 2
        now = await wait_until_settled(handle, 2)
        await end(handle)
        assert (await history(handle)).answered == 2
    assert [m.text for m in now.messages if m.actor == "user"] == [EVENTS, "hello"]
    assert [m.decision.args for m in now.messages if m.decision] == [{"city": "Oslo", "month": 6}]
