"""A fleet: a window of sub-agents, named failures, and runs that continue as new."""

from durable_agents import root_cause

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowFailureError

from sub_agents import TASK_QUEUE
from sub_agents.fleet import MAX_FAILURES_ONLY, MAX_RESULT_LENGTH, Fleet
from sub_agents.models import FleetState
from sub_agents.run_fleet_workflow import main
from sub_agents.run_worker import build_worker
from sub_agents.workflows.fleet import FleetWorkflow, TicketAgent
from tests.harness.starters import histories_of
from tests.harness.workers import serving
from tests.sub_agents.staff import TEXT, Staff
from tests.sub_agents.starting import children_of, start_fleet


async def test_starter_shows_progress_and_failures(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(build_worker, Staff(), 3):
        await main(15, window=4, per_run=6)
    *lines, speed = capsys.readouterr().out.splitlines()
    assert lines == [
        *(f"{count} of 15" for count in (3, 6, 9, 12, 15)),
        "Ticket 13 failed: ticket 13 is empty",
        "14 of 15 tickets summarized, in 3 runs",
    ]
    assert speed.endswith(" tickets per second")


async def test_every_item_runs_once_over_all_runs() -> None:
    staff = Staff(refused=[7])
    async with serving(build_worker, staff, 4) as client:
        handle = await start_fleet(client, 18, 5, FleetState(items_per_run=7))
        report = await handle.result()
        children = await children_of(client, handle.id)
        histories = await histories_of(client, handle.id)
    assert sorted(children) == sorted(f"{handle.id}/{item}" for item in range(1, 19))
    assert report.failures == {7: "failed: Refused.", 13: "failed: ticket 13 is empty"}
    assert report.results == dict.fromkeys({*range(1, 19)} - {7, 13}, TEXT)
    assert staff.tickets == dict.fromkeys({*range(1, 19)} - {13}, 1)
    assert report.runs == len(histories) == 3


async def test_window_limits_the_sub_agents_and_slides() -> None:
    staff = Staff(held=[1, *range(8, 12)])
    async with serving(build_worker, staff, 2) as client:
        handle = await start_fleet(client, 12, 4)
        await staff.wait_for(4)  # 1 keeps its place, while the others pass by it
        progress = await handle.query(FleetWorkflow.get_progress)
        assert (progress.done, progress.failed, progress.running) == (6, 0, 4)
        staff.release()
        await handle.result()
    assert staff.most_running == 4


@pytest.mark.usefixtures("uncached")
async def test_child_that_never_answers_is_a_named_failure() -> None:
    staff = Staff(held=[2])
    async with serving(build_worker, staff, 2) as client:
        state = FleetState(child_timeout=timedelta(seconds=5), items_per_run=3)
        handle = await start_fleet(client, 5, 2, state)
        report = await asyncio.wait_for(handle.result(), 30)
        await staff.wait_until_idle()
    assert report.failures == {2: "gave no answer within 0:00:05"}
    assert sorted(report.results) == [1, 3, 4, 5]


async def test_child_whose_id_is_taken_is_a_named_failure() -> None:
    staff = Staff(held=[99])
    async with serving(build_worker, staff, 2) as client:
        handle = await start_fleet(client, 1, 1, FleetState(next_item=1))
        await handle.result()
        id = f"{handle.id}-next/2"
        other = await client.start_workflow(TicketAgent.run, 99, id=id, task_queue=TASK_QUEUE)
        fleet = await client.start_workflow(
            FleetWorkflow.run, args=[3, 3], id=f"{handle.id}-next", task_queue=TASK_QUEUE
        )
        report = await fleet.result()
        staff.release()
        await other.result()
    assert report.failures == {2: "was not started: a workflow with its id is running"}


async def test_results_are_limited() -> None:
    async with serving(build_worker, Staff(text="y" * 10_000), 2) as client:
        handle = await start_fleet(client, 2)
        report = await handle.result()
        child: str = await client.get_workflow_handle(f"{handle.id}/1").result()
    assert {len(text) for text in [child, *report.results.values()]} == {MAX_RESULT_LENGTH}
    fleet = Fleet(1, 1, FleetState())
    fleet.complete(1, "y" * 10_000)  # of a child that does not limit it
    assert len(fleet.report().results[1]) == MAX_RESULT_LENGTH


async def test_fleet_without_a_single_success_stops_early() -> None:
    staff = Staff(refused=range(1, 100))
    async with serving(build_worker, staff, 2) as client:
        handle = await start_fleet(client, 90, 5)
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    error = failure.value.cause
    assert str(error).startswith("NoItemSucceeded: no item succeeded: BadRequestError: Refused.")
    assert root_cause(failure.value).type == "BadRequestError"
    assert MAX_FAILURES_ONLY - 1 <= staff.tickets.total() <= MAX_FAILURES_ONLY + 5
