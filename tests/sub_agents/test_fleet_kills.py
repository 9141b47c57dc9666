"""Kills of the worker of a fleet: no item is lost or run twice, and runs stay short."""

from durable_agents import connect, query_if_available

import asyncio
import os
import signal
import time
from collections import Counter
from functools import partial
from typing import NoReturn

import pytest
from temporalio import workflow
from temporalio.client import Client

from offline_model.server import OfflineModel
from sample_cli.processes import until
from sub_agents.models import FleetState
from sub_agents.run_worker import build_worker
from sub_agents.workflows.fleet import FleetWorkflow
from tests.harness.forked_worker import Breakpoint, ForkedWorker
from tests.harness.kills import fail_lost_activities, in_flight
from tests.harness.processes import ForkedProcess
from tests.harness.starters import histories_of, starting
from tests.sub_agents.starting import FleetHandle, calls_by_ticket, children_of, start_fleet

TOPIC = "sub_agents"
MAX_HISTORY = 500_000  # bytes

pytestmark = pytest.mark.long


async def assert_complete(handle: FleetHandle, client: Client, items: int) -> None:
    """Check that each item ran once, and that no run is long."""
    report = await handle.result()
    blank = {item for item in range(1, items + 1) if item % 50 == 13}
    assert report.failures == {item: f"failed: ticket {item} is empty" for item in sorted(blank)}
    assert sorted(report.results) == sorted({*range(1, items + 1)} - blank)
    started = Counter(await children_of(client, handle.id))
    assert started == dict.fromkeys((f"{handle.id}/{n}" for n in range(1, items + 1)), 1)
    for history in await histories_of(client, handle.id):
        run = client.get_workflow_handle(handle.id, run_id=history.run_id)
        info = (await run.describe()).raw_description.workflow_execution_info
        assert info.history_size_bytes <= MAX_HISTORY


async def has_closed(handle: FleetHandle, count: int) -> bool:
    """Return whether this many children have closed."""
    progress = await query_if_available(handle, FleetWorkflow.get_progress)
    return progress is not None and progress.done + progress.failed >= count


@pytest.mark.exhaustive
async def test_kill_with_a_full_window_repeats_only_the_calls_in_flight(
    model: OfflineModel,
) -> None:
    client = await connect()
    async with starting([]) as starters:
        with ForkedWorker(TOPIC, Breakpoint(1, "after", model_calls=True)) as worker:
            handle = await start_fleet(client, 14, 3, FleetState(items_per_run=5))

            async def full() -> bool:
                return len(worker.halted) == 3

            await until(full)
            worker.kill()
        starters.workflows[handle.id] = "sub_agents/fleet"
        failing = asyncio.create_task(fail_lost_activities(worker.identity, starters, client))
        with ForkedWorker(TOPIC):
            await assert_complete(handle, client, 14)
        failing.cancel()
    assert calls_by_ticket(model) == {str(n): 2 if n <= 3 else 1 for n in range(1, 15) if n != 13}


def _serve_until_continue_as_new() -> None:
    """Run the worker; it dies when a fleet would continue as new, before the server knows."""

    def die(**_: object) -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    async def main() -> None:
        async with build_worker(await connect()):
            await asyncio.Event().wait()

    workflow.continue_as_new = die  # type: ignore[assignment]
    asyncio.run(main())


@pytest.mark.exhaustive
async def test_kill_at_continue_as_new_loses_no_item(model: OfflineModel) -> None:
    client = await connect()
    handle = await start_fleet(client, 12, 3, FleetState(items_per_run=5))
    for _ in range(2):
        with ForkedProcess(_serve_until_continue_as_new) as worker:
            await asyncio.to_thread(worker.process.join)
            assert worker.process.exitcode == -signal.SIGKILL
    with ForkedWorker(TOPIC):
        await assert_complete(handle, client, 12)
    assert calls_by_ticket(model) == {str(n): 1 for n in range(1, 13)}


@pytest.mark.exhaustive
async def test_fleet_of_500_survives_two_kills(model: OfflineModel) -> None:
    client, lost, start = await connect(), 0, time.monotonic()
    async with starting([]) as starters:
        handle = await start_fleet(client, 500, 20)
        starters.workflows[handle.id] = "sub_agents/fleet"
        for closed in (95, 260):  # the first one while the window drains
            with ForkedWorker(TOPIC) as worker:
                await until(partial(has_closed, handle, closed))
                worker.kill()
            lost += await in_flight(model, starters, client)
        with ForkedWorker(TOPIC):
            await assert_complete(handle, client, 500)
            print(f"{500 / (time.monotonic() - start):.1f} items per second, with two kills")
    assert len(model.calls) <= 490 + lost
