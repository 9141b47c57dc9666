"""The wait for a decision survives a worker restart, and times out."""

from durable_agents import connect

from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType

from hosted_mcp import PLUGIN_OPTIONS
from hosted_mcp.run_worker import build_worker
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow
from tests.harness.workers import FixedModelProvider, model_params, serving_on_skipped_time
from tests.hosted_mcp.approvals import decisions, script, start, wait_for_pending


async def test_wait_survives_a_worker_restart() -> None:
    model = script("a")
    client = await connect(
        model_provider=FixedModelProvider(model), model_params=model_params(), **PLUGIN_OPTIONS
    )
    async with build_worker(client):
        handle = await start(client)
        await wait_for_pending(handle, 1)
    async with build_worker(client):  # a new worker with an empty cache
        await handle.execute_update(ApprovalMCPWorkflow.decide, args=["a", True])
        assert await handle.result() == "Done.\n(search was approved.)"
    history = await handle.fetch_history()
    kinds = {event.event_type for event in history.events}
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in kinds
    assert decisions(model.calls[1]) == [("a", True, None)]


@pytest.mark.parametrize("given", [(), (timedelta(days=3),)], ids=["default", "3 days"])
async def test_timeout_rejects_the_call(
    given: tuple[timedelta, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    [timeout] = given or [timedelta(minutes=5)]
    model = script("a")
    serving = serving_on_skipped_time(build_worker, model, monkeypatch, **PLUGIN_OPTIONS)
    async with serving as (client, skipping):
        handle = await start(client, *given)
        await wait_for_pending(handle, 1)
        await skipping.sleep(timeout - timedelta(minutes=1))
        assert await wait_for_pending(handle, 1)
        await skipping.sleep(timedelta(minutes=2))
        answer = await handle.result()
    assert answer == "Done.\n(search was rejected: no decision in time.)"
    assert decisions(model.calls[1]) == [("a", False, "No decision was made in time.")]
