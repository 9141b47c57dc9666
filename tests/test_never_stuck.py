"""Whatever the model does, every run ends: with an answer, or with an error that has a name."""

from collections.abc import Callable
from itertools import product

import pytest
from temporalio.api.enums.v1 import EventType

from offline_model.call_log import Call
from offline_model.faults import BEHAVIOUR, ODD, SPOILED
from offline_model.server import OfflineModel
from sample_cli.catalog import Sample
from tests.harness.starters import (
    CLIENTS,
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

# Names that say nothing of what went wrong.
GENERIC = {None, "ApplicationError", "AssertionError", "AttributeError", "BaseException"}
GENERIC |= {"Exception", "KeyError", "RPCError", "RuntimeError", "TimeoutError", "TypeError"}
GENERIC |= {"UserError", "ValueError"}

# Answers that cannot be used, and odd ones. Each client of a model meets all of them, each topic
# some in turn.
HOSTILE = SPOILED + ODD
EMPTY_RESULTS = {b"", b'""', b"null"}

every_topic = pytest.mark.parametrize("topic", TOPICS)
each_client = pytest.mark.parametrize("topic", CLIENTS)

# Each topic's largest_samples samples always; all samples, where these are more, in the matrix.
LARGE = [topic for topic in TOPICS if len(samples_of(topic)) > len(largest_samples(topic))]
COMMON = ("unknown_tool", "wrong_output")


@pytest.mark.parametrize(
    ("topic", "pick", "kind"),
    [
        *((topic, largest_samples, kind) for topic in TOPICS for kind in COMMON),
        *(
            pytest.param(topic, samples_of, kind, marks=pytest.mark.exhaustive)
            for topic in TOPICS
            for kind in BEHAVIOUR
            if kind != "empty" and (topic in LARGE or kind not in COMMON)
        ),
    ],
)
async def test_a_misbehaving_model_ends_every_run(
    topic: str, pick: Callable[[str], list[Sample]], kind: str, model: OfflineModel
) -> None:
    model.faults.always(kind)
    outcome = await run_samples(topic, pick(topic))
    for sample in outcome.failures:
        assert not GENERIC.intersection(outcome.errors(sample)), sample
    assert all(run.seconds_after_last_call < 10 for run in outcome.runs)
    met = any(call.fault and call.applied for call in model.calls)
    assert met == any(leaves_room_for(kind, call) for call in model.calls)


def in_turn(count: int) -> list[tuple[str, str]]:
    """Return pairs of a topic and a hostile answer: each kind once, and `count` for each topic."""
    pairs = [(TOPICS[number % len(TOPICS)], kind) for number, kind in enumerate(HOSTILE)]
    return pairs[: count * len(TOPICS)]


@pytest.mark.parametrize(
    ("topic", "pick", "kind"),
    [
        *((topic, largest_samples, kind) for topic, kind in in_turn(1)),
        *(
            pytest.param(topic, samples_of, kind, marks=pytest.mark.exhaustive)
            for topic, kind in dict.fromkeys([*in_turn(len(HOSTILE)), *product(CLIENTS, HOSTILE)])
        ),
    ],
)
async def test_hostile_answer_ends_every_run_and_is_not_paid_again(
    topic: str, pick: Callable[[str], list[Sample]], kind: str, model: OfflineModel
) -> None:
    model.faults.always(kind)
    outcome = await run_samples(topic, pick(topic))
    for sample in outcome.failures:
        assert not GENERIC.intersection(outcome.errors(sample)), sample
    for run in outcome.runs:
        assert max(run.model_attempts, default=0) <= 2, run.id
        assert not EMPTY_RESULTS.intersection(run.results), run.id


@every_topic
async def test_an_answer_with_nothing_in_it_is_an_error(topic: str, model: OfflineModel) -> None:
    model.faults.always("empty")
    outcome = await run_samples(topic, samples_of(topic))
    for sample in outcome.failures:
        assert set(outcome.errors(sample)) == {"ModelBehaviorError"}, sample


@pytest.mark.parametrize(
    ("topic", "status"),
    [
        *((topic, "401") for topic in TOPICS),
        *(pytest.param(*pair, marks=pytest.mark.exhaustive) for pair in product(CLIENTS, REFUSALS)),
    ],
)
async def test_a_refused_model_call_is_made_once(
    topic: str, status: str, model: OfflineModel
) -> None:
    model.faults.always(status)
    outcome = await run_samples(topic, samples_of(topic))
    for sample in outcome.failures:
        assert set(outcome.errors(sample)) == {REFUSALS[status]}, sample
    assert len(model.calls) == sum(len(run.model_attempts) for run in outcome.runs)
    assert all(set(run.model_attempts) == {1} for run in outcome.runs)


@each_client
async def test_faults_that_pass_cost_the_calls_that_they_spoil(
    topic: str, model: OfflineModel
) -> None:
    model.faults.next(*TRANSIENT)
    outcome = await run_samples(topic, largest_samples(topic))
    outcome.assert_completed()
    assert_none_in_vain(model, outcome)


@pytest.mark.parametrize(
    ("topic", "pick"),
    [
        ("basic", largest_samples),
        *(pytest.param(topic, samples_of, marks=pytest.mark.exhaustive) for topic in TOPICS),
    ],
)
@pytest.mark.parametrize("model", [{"rate": 0.4, "kinds": TRANSIENT, "seed": 1}], indirect=True)
async def test_a_model_that_often_fails_is_asked_until_it_answers(
    topic: str, pick: Callable[[str], list[Sample]], model: OfflineModel
) -> None:
    outcome = await run_samples(topic, pick(topic))
    outcome.assert_completed()
    assert_none_in_vain(model, outcome)


@each_client
async def test_the_model_is_left_alone_for_as_long_as_it_asks(
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


def leaves_room_for(kind: str, call: Call) -> bool:
    """Whether a model can misbehave like this in answer to a request."""
    if kind.endswith("_output"):
        return "json_schema" in str(call.body.get("text") or call.body.get("response_format"))
    return kind == "empty" or bool(call.body.get("tools"))


def assert_none_in_vain(model: OfflineModel, outcome: Outcome) -> None:
    """Check that the model was asked once for each answer, and once more for each lost one.

    A call that its workflow cancels is not made again, so there may be fewer.
    """
    faults = [call.fault for call in model.calls if call.fault]
    assert faults, "no call met a fault"
    lost = sum(not fault.startswith("slow") for fault in faults)
    needed = sum(len(run.model_attempts) for run in outcome.runs)
    assert len(model.calls) <= needed + lost
