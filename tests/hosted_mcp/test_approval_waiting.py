"""The wait for a decision survives a worker restart, and times out."""

from durable_agents import connect

import gc
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from hosted_mcp import PLUGIN_OPTIONS
from hosted_mcp.run_worker import build_worker
from hosted_mcp.workflows.approval_mcp import ApprovalMCPWorkflow
from sample_cli.temporal_server import find_program
from tests.harness.workers import FixedModelProvider, model_params
from tests.hosted_mcp.approvals import decisions, script, start, wait_for_pending


# The Agents SDK awaits during GeneratorExit, when a stopping worker evicts its workflows.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_wait_survives_a_worker_restart() -> None:
    model = script("a")
    client = await connect(
        model_provider=FixedModelProvider(model), model_params=model_params(), **PLUGIN_OPTIONS
    )
    async with build_worker(client):
        handle = await start(client)
        await wait_for_pending(handle, 1)
    gc.collect()
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
    path = find_program("temporal-test-server")
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=path
    ) as skipping:
        address = skipping.client.service_client.config.target_host
        monkeypatch.setenv("TEMPORAL_ADDRESS", address)
        model = script("a")
        client = await connect(
            model_provider=FixedModelProvider(model), model_params=model_params(), **PLUGIN_OPTIONS
        )
        async with build_worker(client):
            handle = await start(client, *given)
            await wait_for_pending(handle, 1)
            await skipping.sleep(timeout - timedelta(seconds=1))
            assert await wait_for_pending(handle, 1)
            await skipping.sleep(timedelta(seconds=2))
            answer = await handle.result()
    assert answer == "Done.\n(search was rejected: no decision in time.)"
    assert decisions(model.calls[1]) == [("a", False, "No decision was made in time.")]
