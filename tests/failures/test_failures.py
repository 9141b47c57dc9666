"""Every naive version still fails as described, and every durable one holds and replays."""

from durable_agents import connect

from importlib import import_module
from typing import Any

import pytest
from temporalio.worker import Worker

from sample_cli.failures import Played, failures, find_failure, play_each
from tests.harness.workers import replay

# Played by default.
COMMON = ("charged_twice_by_retry",)


@pytest.mark.parametrize(
    "name",
    [
        *COMMON,
        *(
            pytest.param(failure.name, marks=pytest.mark.exhaustive)
            for failure in failures()
            if failure.name not in COMMON
        ),
    ],
)
async def test_naive_version_fails_and_durable_version_holds(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async for failure, (naive, durable) in play_each([find_failure(name)]):
        retired = f"{failure.name} no longer fails: upstream has changed; retire it."
        assert naive.as_described, f"{retired} Outcome: {naive.outcome}"
        assert durable.as_described, durable.outcome
        monkeypatch.setenv("TEMPORAL_ADDRESS", durable.address)
        monkeypatch.setenv("OPENAI_API_KEY", "offline")
        await check_replay(name, durable)


async def check_replay(name: str, durable: Played) -> None:
    """Check that the histories of a durable version replay."""
    workflow = import_module(f"failures.workflows.{name}").Durable
    options: dict[str, Any] = getattr(workflow, "worker_options", dict)()
    client = await connect()
    worker = Worker(client, **{"task_queue": "replay", "workflows": [workflow], **options})
    assert durable.runs
    handles = [
        client.get_workflow_handle(run.workflow_id, run_id=run.run_id) for run in durable.runs
    ]
    await replay([await handle.fetch_history() for handle in handles], client, worker)
