"""The fast profile when its worker is killed or stops, and when a run is cancelled."""

from durable_agents.fast import MAX_CALLS, fast

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from agents.testing import ScriptedModel
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.testing import WorkflowEnvironment

from sample_cli.processes import until
from tests.durable_agents.quick import QUEUE, Activities, Caller, Calls, serve
from tests.harness.processes import ForkedProcess
from tests.harness.workers import promptly, serving

SOON = timedelta(seconds=2)
"""The workflow task timeout, by which the server notices a killed worker."""


async def start(client: Client, calls: Calls) -> WorkflowHandle[Caller, int]:
    return await client.start_workflow(
        Caller.run, calls, id=f"{uuid4()}", task_queue=QUEUE, task_timeout=SOON
    )


@asynccontextmanager
async def serving_fast(activities: Activities) -> AsyncIterator[Client]:
    async with serving(activities.build_worker, ScriptedModel([]), **fast()) as client:
        yield client


def counts(log: Path) -> Counter[int]:
    """Return how often each call was made."""
    return Counter(map(int, log.read_text().split()) if log.exists() else ())


async def noted(log: Path, number: int) -> bool:
    return number in counts(log)


@pytest.mark.exhaustive
@pytest.mark.parametrize("stop_at", [3, MAX_CALLS + 4])
async def test_killed_worker_repeats_only_calls_since_the_last_task(
    stop_at: int, tmp_path: Path, temporal: WorkflowEnvironment
) -> None:
    log, calls = tmp_path / "calls.txt", Calls("note", [*range(1, MAX_CALLS + 6)])
    with ForkedProcess(serve, log, stop_at) as worker:
        handle = await start(temporal.client, calls)
        await until(partial(noted, log, stop_at))
        worker.kill()
    async with serving_fast(Activities(log)) as client:
        await client.get_workflow_handle(handle.id).result()
    made = counts(log)
    recorded = MAX_CALLS + 1 if stop_at > MAX_CALLS else 0  # the eleventh is an activity
    assert {*calls.arguments} == {*made}
    assert made[stop_at] == 2
    assert all(made[call] <= 2 for call in calls.arguments[recorded:stop_at])
    others = [*calls.arguments[:recorded], *calls.arguments[stop_at:]]
    assert all(made[call] == 1 for call in others)


@pytest.mark.exhaustive
async def test_cancellation_reaches_a_call_with_the_next_workflow_task() -> None:
    activities = Activities()
    async with serving_fast(activities) as client:
        handle = await start(client, Calls("wait", [1]))
        await activities.started.wait()
        await handle.cancel()
        await promptly(activities.cancelled.wait(), "the call")
        with pytest.raises(WorkflowFailureError):
            await promptly(handle.result(), "the run")
        assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED


async def test_worker_waits_for_running_calls_when_it_stops() -> None:
    activities = Activities()
    async with serving_fast(activities) as client:
        handle = await start(client, Calls("outlast", [0.1]))
        await activities.started.wait()
    assert await handle.result() == 1
