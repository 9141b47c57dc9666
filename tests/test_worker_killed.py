"""After a kill at any point, the next worker continues, and repeats no finished call."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from openai import AsyncOpenAI
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError, TimeoutError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from offline_model.server import OfflineModel
from sample_cli.catalog import Sample
from sample_cli.processes import until
from tests.harness.forked_worker import MAX_WAIT, Breakpoint, ForkedWorker
from tests.harness.processes import ForkedScript
from tests.harness.starters import (
    TOPICS,
    Outcome,
    Starters,
    largest_samples,
    recorded_activities,
    recorded_model_calls,
    samples_of,
    starting,
)

STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED

# Retried after a second: the server may still wait for an answer of the killed worker's poll.
DIED = ApplicationError("Its worker died", type="WorkerDied", next_retry_delay=timedelta(seconds=1))

# The server notices within this time that a worker died during a workflow task.
SOON = {"task_timeout": timedelta(seconds=2)}


def activities() -> list[tuple[str, int, str]]:
    """Return the points at which each topic is interrupted: an activity, and before or after it."""
    most = {topic: max(map(recorded_activities, samples_of(topic))) for topic in TOPICS}
    points = [(1, "after"), (3, "before")]
    return [(topic, *point) for topic in TOPICS for point in points if point[0] <= most[topic]]


ALWAYS = ("basic", "customer_service", "goal_agent")


pytestmark = pytest.mark.timeout(120)  # they wait for timeouts of the server


@pytest.mark.parametrize(
    "topic",
    [
        *ALWAYS,
        *(
            pytest.param(topic, marks=pytest.mark.exhaustive)
            for topic in TOPICS
            if topic not in ALWAYS
        ),
    ],
)
async def test_only_the_model_calls_in_flight_at_a_kill_are_repeated(
    topic: str, model: OfflineModel, temporal: WorkflowEnvironment
) -> None:
    # The second call, so that a finished one precedes it, where any sample has so many.
    chosen = samples_of(topic)
    number = min(2, max(recorded_model_calls(sample) for sample in chosen))
    await kill_during_model_calls(topic, chosen, number, model, temporal.client)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("topic", "number", "when"), activities())
async def test_kill_before_or_after_any_activity_repeats_only_lost_calls(
    topic: str, number: int, when: str, model: OfflineModel, temporal: WorkflowEnvironment
) -> None:
    chosen = samples_of(topic)
    async with starting(chosen, **SOON) as starters:
        with ForkedWorker(topic, Breakpoint(number, when)) as worker:
            await until(all_halted(worker, starters))
            worker.kill()
        lost = await in_flight(model, starters, temporal.client)
        outcome = await restarted(topic, starters, temporal.client, worker.identity)
    assert_only_lost_calls_repeated(model, outcome, lost)


@pytest.mark.exhaustive
@pytest.mark.parametrize("topic", ALWAYS)
async def test_kill_between_calls_repeats_only_lost_calls(
    topic: str, model: OfflineModel, temporal: WorkflowEnvironment
) -> None:
    chosen = samples_of(topic)
    async with starting(chosen, **SOON) as starters:
        with ForkedWorker(topic) as worker:
            await until(answered(model, 4, starters))
            worker.kill()
        lost = await in_flight(model, starters, temporal.client)
        outcome = await restarted(topic, starters, temporal.client, worker.identity)
    assert_only_lost_calls_repeated(model, outcome, lost)


@pytest.mark.exhaustive
@pytest.mark.parametrize("topic", ALWAYS)
async def test_runs_wait_for_a_worker_longer_than_every_timeout(
    topic: str, model: OfflineModel, temporal: WorkflowEnvironment
) -> None:
    async with starting(largest_samples(topic)) as starters:
        await timed_out(MAX_WAIT, temporal.client)
        outcome = await restarted(topic, starters, temporal.client)
    assert_only_lost_calls_repeated(model, outcome, lost=0)


@pytest.mark.exhaustive
@pytest.mark.parametrize("topic", ["basic", "tools"])  # the defaults, and settings of its own
async def test_real_worker_with_real_timeouts_recovers_in_time(
    topic: str, model: OfflineModel, temporal: WorkflowEnvironment, tmp_path: Path
) -> None:
    [sample, *_] = largest_samples(topic)
    async with starting([sample]) as starters:
        model.latency = 60
        with ForkedScript(sample.worker, folder=tmp_path):
            assert await asyncio.to_thread(model.wait_until, lambda calls: bool(calls))
        model.latency, start = 0, datetime.now(UTC)
        with ForkedScript(sample.worker, folder=tmp_path):
            outcome = await starters.outcome(temporal.client)
    assert_in_time(outcome, start, seconds=15)
    assert_only_lost_calls_repeated(model, outcome, lost=1)


async def timed_out(seconds: timedelta, client: Client) -> None:
    """Wait until the server has timed out a workflow that no worker runs."""
    id = f"probe-{uuid4().hex}"
    probe = await client.start_workflow("Probe", id=id, task_queue=id, run_timeout=seconds)
    with pytest.raises(WorkflowFailureError) as failure:
        await probe.result()
    assert isinstance(failure.value.cause, TimeoutError)


async def kill_during_model_calls(
    topic: str, chosen: list[Sample], number: int, model: OfflineModel, client: Client
) -> None:
    """Kill the worker while the n-th model call of each sample is in flight."""
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
        for workflow_id in list(starters.workflows):
            description = await client.get_workflow_handle(workflow_id).describe()
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
