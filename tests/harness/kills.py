"""Restarts a killed worker, and checks which model calls were repeated."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from openai import AsyncOpenAI
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError, TimeoutError
from temporalio.service import RPCError

from offline_model.server import OfflineModel
from sample_cli.catalog import Sample
from sample_cli.processes import until
from tests.harness.forked_worker import Breakpoint, ForkedWorker
from tests.harness.starters import Outcome, Starters, starting

# The server notices within this time that a worker died during a workflow task.
SOON = {"task_timeout": timedelta(seconds=2)}

STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED

# Retried after a second: the server may still wait for an answer of the killed worker's poll.
DIED = ApplicationError("Its worker died", type="WorkerDied", next_retry_delay=timedelta(seconds=1))


async def timed_out(seconds: timedelta, client: Client) -> None:
    """Wait until the server has timed out a workflow that no worker runs."""
    id = f"probe-{uuid4().hex}"
    probe = await client.start_workflow("Probe", id=id, task_queue=id, run_timeout=seconds)
    with pytest.raises(WorkflowFailureError) as failure:
        await probe.result()
    assert isinstance(failure.value.cause, TimeoutError)


async def in_flight(model: OfflineModel, starters: Starters, client: Client) -> int:
    """Return how many calls reached the model whose answers did not reach the server."""
    async with AsyncOpenAI(max_retries=0) as openai:
        await openai.models.list()  # by now, the model has read what the killed worker sent
    return len(model.calls) - sum(run.model_answers for run in await starters.runs(client))


async def restarted(topic: str, starters: Starters, client: Client, dead: str = "") -> Outcome:
    """Start a worker after a kill; return the outcome of the starters, and check its time."""
    start = datetime.now(UTC)
    failing = asyncio.create_task(fail_lost_activities(dead, starters, client))
    try:
        with ForkedWorker(topic):
            outcome = await starters.outcome(client)
    finally:
        failing.cancel()
    assert_in_time(outcome, start, seconds=15 if topic == "basic" else 45)
    return outcome


async def fail_lost_activities(dead: str, starters: Starters, client: Client) -> None:
    """Fail the activities of a killed worker at once, until cancelled.

    The server would notice their missed heartbeats. With a short heartbeat timeout, calls of living
    workers would fail as well on a busy machine. The real timeout is tested with the real worker.
    """
    while True:
        workflow_ids = list(starters.workflows)
        for workflow_id in workflow_ids:  # it grows by their children
            description = await client.get_workflow_handle(workflow_id).describe()
            children = description.raw_description.pending_children
            workflow_ids += [child.workflow_id for child in children]
            for pending in description.raw_description.pending_activities:
                # For a second attempt, the server still names the worker of the first.
                first = pending.state == STARTED and pending.attempt == 1
                if first and pending.last_worker_identity == dead:
                    lost = client.get_async_activity_handle(
                        workflow_id=workflow_id, run_id=None, activity_id=pending.activity_id
                    )
                    await lost.fail(DIED)
        await asyncio.sleep(0.5)


def assert_in_time(outcome: Outcome, start: datetime, seconds: float) -> None:
    """Check that all runs ended soon after the start of the second worker.

    The limit is 15 s for the basic samples, and 45 s for the longer runs of other topics.
    """
    for run in outcome.runs:
        end = run.history.events[-1].event_time.ToDatetime(UTC)
        assert end - start < timedelta(seconds=seconds), run.id


def all_halted(worker: ForkedWorker, starters: Starters) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return len(worker.halted) >= starters.pending

    return condition


def answered(model: OfflineModel, number: int, starters: Starters) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        answers = sum(call.status is not None for call in model.calls)
        return answers >= number or not starters.pending

    return condition


def assert_only_lost_calls_repeated(model: OfflineModel, outcome: Outcome, lost: int) -> None:
    """Check that all runs completed, and repeated at most the calls in flight at the kill."""
    # A query that was sent to the killed worker is lost, after a run that has its result.
    failures = [failure for failure in outcome.failures.values() if failure]
    assert not [failure for failure in failures if not isinstance(failure, RPCError)], failures
    assert all(run.completed for run in outcome.runs)
    needed = sum(len(run.model_attempts) for run in outcome.runs)
    assert len(model.calls) <= needed + lost
    assert all(attempts <= 2 for run in outcome.runs for attempts in run.model_attempts)


async def kill_during_model_calls(
    topic: str, chosen: list[Sample], number: int, model: OfflineModel, client: Client
) -> Outcome:
    """Kill the worker while the n-th model call of each sample is in flight; return the outcome."""
    async with starting(chosen, **SOON) as starters:
        with ForkedWorker(topic, Breakpoint(number, "before", model_calls=True)) as worker:
            await until(all_halted(worker, starters))
            model.latency, finished = 60, len(model.calls)
            worker.resume()
            in_flight_all = await asyncio.to_thread(
                model.wait_until, lambda calls: len(calls) >= finished + len(worker.halted)
            )
            assert in_flight_all
            worker.kill()
        model.latency = 0
        lost = await in_flight(model, starters, client)
        outcome = await restarted(topic, starters, client, worker.identity)
    assert lost
    assert_only_lost_calls_repeated(model, outcome, lost)
    return outcome
