"""The wait for a decision: days, worker restarts, and the deadline."""

from durable_agents import connect

from collections.abc import Callable
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.worker import Worker

from human_in_the_loop import approvals
from human_in_the_loop.deciding import Handle
from human_in_the_loop.run_worker import build_worker
from human_in_the_loop.workflows.approvals import ApprovalsWorkflow
from sample_cli.processes import until
from tests.harness.runs import histories_of
from tests.harness.workers import (
    FixedModelProvider,
    input_texts,
    model_params,
    serving_on_skipped_time,
)
from tests.human_in_the_loop.desk import (
    build_uncached_worker,
    decide,
    ledger,
    one_refund,
    start,
    three_at_once,
    wait_for_pending,
)

RUN = ApprovalsWorkflow.run


async def start_and_pause(client: Client, pauses_per_run: int, *timeout: timedelta) -> Handle:
    """Start a workflow; return once it waits for decisions, in its second run if it continues.

    A query that meets a run which is just continuing as new is never answered by the time-skipping
    server, which then also stops skipping time. So do not query before that.
    """
    handle, number = await start(client, *timeout), 2 if pauses_per_run == 1 else 1

    async def waits() -> bool:
        found = await histories_of(client, handle)
        return len(found) == number and any(
            event.event_type == EventType.EVENT_TYPE_TIMER_STARTED for event in found[-1].events
        )

    await until(waits)
    return handle


@pytest.mark.parametrize(
    ("pauses_per_run", "build"),
    [(1, build_worker), (1, build_uncached_worker), (20, build_uncached_worker)],
)
async def test_decision_after_nine_days_counts(
    pauses_per_run: int, build: Callable[[Client], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvals, "PAUSES_PER_RUN", pauses_per_run)
    skipped = serving_on_skipped_time(build, one_refund(), monkeypatch)
    async with skipped as (client, skipping):
        handle = await start_and_pause(client, pauses_per_run, timedelta(days=30))
        await wait_for_pending(handle, "c1")
        await skipping.sleep(timedelta(days=9))
        pending = (await wait_for_pending(handle, "c1"))["c1"]
        await decide(handle, pending, "approve")
        outcome = await client.get_workflow_handle_for(RUN, handle.id).result()
        assert ledger(handle) == [("1002", 48_000)]
    [decision] = outcome.decisions
    assert decision.at - pending.requested_at >= timedelta(days=9)
    assert pending.deadline - pending.requested_at == timedelta(days=30)


@pytest.mark.parametrize("given", [(), (timedelta(days=3),)], ids=["default", "3 days"])
@pytest.mark.parametrize("pauses_per_run", [1, 20])
async def test_no_decision_before_the_deadline_is_a_rejection(
    given: tuple[timedelta, ...], pauses_per_run: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvals, "PAUSES_PER_RUN", pauses_per_run)
    [timeout] = given or [timedelta(days=7)]
    model = three_at_once()
    async with serving_on_skipped_time(build_worker, model, monkeypatch) as (client, skipping):
        handle = await start_and_pause(client, pauses_per_run, *given)
        calls = await wait_for_pending(handle, "c1", "c2", "c3")
        await decide(handle, calls["c1"], "approve")
        await skipping.sleep(timeout - timedelta(seconds=60))
        await wait_for_pending(handle, "c2", "c3")
        await skipping.sleep(timedelta(seconds=120))
        outcome = await client.get_workflow_handle_for(RUN, handle.id).result()
        assert ledger(handle) == [("1002", 48_000)]
    verdicts = [(each.verdict, each.by, each.message) for each in outcome.decisions]
    late = ("reject", None, "No decision was made in time.")
    assert verdicts == [("approve", "Ada", ""), late, late]
    assert input_texts(model.calls[1])[-1] == "No decision was made in time."


async def test_wait_survives_a_worker_restart() -> None:
    model = one_refund()
    client = await connect(model_provider=FixedModelProvider(model), model_params=model_params())
    async with build_worker(client):
        handle = await start(client)
        pending = (await wait_for_pending(handle, "c1"))["c1"]
    async with build_worker(client):  # a new worker with an empty cache
        await decide(handle, pending, "approve")
        outcome = await handle.result()
    assert outcome.decisions[0].by == "Ada"
    assert ledger(handle) == [("1002", 48_000)]
    kinds = {event.event_type for event in (await handle.fetch_history()).events}
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in kinds
