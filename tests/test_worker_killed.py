"""After a kill at any point, the next worker continues, and repeats no finished call."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from offline_model.server import OfflineModel
from sample_cli.processes import until
from tests.harness.forked_worker import MAX_WAIT, Breakpoint, ForkedWorker
from tests.harness.kills import (
    SOON,
    all_halted,
    answered,
    assert_in_time,
    assert_only_lost_calls_repeated,
    in_flight,
    kill_during_model_calls,
    restarted,
    timed_out,
)
from tests.harness.processes import ForkedScript
from tests.harness.starters import (
    TOPICS,
    each_topic,
    largest_samples,
    recorded_activities,
    recorded_model_calls,
    samples_of,
    starting,
)


def activities() -> list[tuple[str, int, str]]:
    """Return points of interruption: two for each topic in `ALWAYS`, one in turn for the others."""
    most = {topic: max(map(recorded_activities, samples_of(topic))) for topic in TOPICS}
    found = []
    for number, topic in enumerate(TOPICS):
        points = [(1, "after"), (3, "before")][: 2 if most[topic] >= 3 else 1]
        chosen = points if topic in ALWAYS else [points[number % len(points)]]
        found += [(topic, *point) for point in chosen]
    return found


ALWAYS = ("basic", "customer_service", "goal_agent")


@each_topic(["basic"])
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
