"""Transient faults cost only the calls that they hit."""

from collections.abc import Callable
from itertools import product

import pytest
from temporalio.api.enums.v1 import EventType

from offline_model.server import OfflineModel
from sample_cli.catalog import Sample
from tests.harness.starters import (
    CLIENTS,
    REPRESENTATIVE,
    TOPICS,
    Outcome,
    largest_samples,
    run_samples,
    samples_of,
)

REFUSALS = {
    "400": "BadRequestError",
    "401": "AuthenticationError",
    "403": "PermissionDeniedError",
}
TRANSIENT = ("429:0.05", "500", "503", "drop", "truncate", "html", "slow:0.2")
each_client = pytest.mark.parametrize("topic", CLIENTS)


@pytest.mark.parametrize(
    ("topic", "status"),
    [
        *((topic, "401") for topic in REPRESENTATIVE if topic != "model_providers"),
        *(
            pytest.param(topic, status, marks=pytest.mark.exhaustive)
            for topic, status in product(TOPICS, REFUSALS)
            if (status == "401" and topic not in REPRESENTATIVE)
            or topic == "model_providers"
            or (status != "401" and topic in CLIENTS)
        ),
    ],
)
async def test_refused_model_call_is_not_retried(
    topic: str, status: str, model: OfflineModel
) -> None:
    model.faults.always(status)
    outcome = await run_samples(topic, samples_of(topic))
    for sample in outcome.failures:
        assert set(outcome.errors(sample)) == {REFUSALS[status]}, sample
    assert len(model.calls) == sum(len(run.model_attempts) for run in outcome.runs)
    assert {attempt for run in outcome.runs for attempt in run.model_attempts} == {1}


@each_client
async def test_transient_faults_cost_only_the_failed_calls(topic: str, model: OfflineModel) -> None:
    model.faults.next(*TRANSIENT)
    outcome = await run_samples(topic, largest_samples(topic))
    outcome.assert_completed()
    assert_no_needless_call(model, outcome)


@pytest.mark.parametrize(
    ("topic", "pick"),
    [
        ("basic", largest_samples),
        *(pytest.param(topic, samples_of, marks=pytest.mark.exhaustive) for topic in TOPICS),
    ],
)
@pytest.mark.parametrize("model", [{"rate": 0.4, "kinds": TRANSIENT, "seed": 1}], indirect=True)
async def test_calls_are_retried_until_a_failing_model_answers(
    topic: str, pick: Callable[[str], list[Sample]], model: OfflineModel
) -> None:
    outcome = await run_samples(topic, pick(topic))
    outcome.assert_completed()
    assert_no_needless_call(model, outcome)


@each_client
async def test_retry_waits_for_the_time_that_the_model_asks_for(
    topic: str, model: OfflineModel
) -> None:
    model.faults.next("429:1.5")
    outcome = await run_samples(topic, samples_of(topic)[:1])
    outcome.assert_completed()
    [started, *_] = outcome.runs[0].events(EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED)
    [scheduled, *_] = outcome.runs[0].events(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    assert started.activity_task_started_event_attributes.attempt == 2
    waited = started.event_time.ToDatetime() - scheduled.event_time.ToDatetime()
    assert waited.total_seconds() >= 1.5


def assert_no_needless_call(model: OfflineModel, outcome: Outcome) -> None:
    """Check that there was one call for each answer, and one more for each lost answer.

    A call that its workflow cancels is not retried, so there may be fewer.
    """
    faults = [call.fault for call in model.calls if call.fault]
    assert faults, "no call met a fault"
    lost = sum(not fault.startswith("slow") for fault in faults)
    needed = sum(len(run.model_attempts) for run in outcome.runs)
    assert len(model.calls) <= needed + lost
