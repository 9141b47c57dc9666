"""Every run ends with an answer or a specific error, however the model misbehaves."""

from collections.abc import Callable
from itertools import product

import pytest

from offline_model.call_log import Call
from offline_model.faults import BEHAVIOUR, ODD, SPOILED
from offline_model.server import OfflineModel
from sample_cli.catalog import Sample
from tests.harness.starters import (
    CLIENTS,
    REPRESENTATIVE,
    TOPICS,
    each_topic,
    largest_samples,
    run_samples,
    samples_of,
)

# Error types that do not say what went wrong.
GENERIC = {None, "ApplicationError", "AssertionError", "AttributeError", "BaseException"}
GENERIC |= {"Exception", "KeyError", "RPCError", "RuntimeError", "TimeoutError", "TypeError"}
GENERIC |= {"UserError", "ValueError"}

# Unusable and unusual answers. Each kind of model client gets all of them, each topic a few.
HOSTILE = SPOILED + ODD
EMPTY_RESULTS = {b"", b'""', b"null"}

COMMON = ("unknown_tool", "wrong_output")
# What the default run covers, since the largest samples of these topics are all that they have.
COVERED = {
    (topic, kind)
    for topic, kind in product(REPRESENTATIVE, COMMON)
    if len(samples_of(topic)) == len(largest_samples(topic))
}


@pytest.mark.parametrize(
    ("topic", "pick", "kind"),
    [
        *((topic, largest_samples, kind) for topic in REPRESENTATIVE for kind in COMMON),
        *(
            pytest.param(topic, samples_of, kind, marks=pytest.mark.exhaustive)
            for topic in TOPICS
            for kind in BEHAVIOUR
            if kind != "empty" and (topic, kind) not in COVERED
        ),
    ],
)
async def test_every_run_ends_when_the_model_misbehaves(
    topic: str, pick: Callable[[str], list[Sample]], kind: str, model: OfflineModel
) -> None:
    model.faults.always(kind)
    outcome = await run_samples(topic, pick(topic))
    for sample in outcome.failures:
        assert not GENERIC.intersection(outcome.errors(sample)), sample
    assert all(run.seconds_after_last_call < 10 for run in outcome.runs)
    met = any(call.fault and call.applied for call in model.calls)
    assert met == any(can_misbehave(kind, call) for call in model.calls)


def hostile_pairs(count: int) -> list[tuple[str, str]]:
    """Return up to `count` hostile answers for each topic, as pairs; each answer appears once."""
    pairs = [(TOPICS[number % len(TOPICS)], kind) for number, kind in enumerate(HOSTILE)]
    return pairs[: count * len(TOPICS)]


EACH_TOPIC = hostile_pairs(len(HOSTILE))
EACH_CLIENT = [pair for pair in product(CLIENTS, HOSTILE) if pair not in EACH_TOPIC]
BY_DEFAULT = [pair for pair in hostile_pairs(1) if pair[0] in REPRESENTATIVE]


@pytest.mark.parametrize(
    ("topic", "kind", "count"),
    [
        *((*pair, None) for pair in BY_DEFAULT),
        *(
            pytest.param(*pair, count, marks=pytest.mark.exhaustive)
            for pairs, count in ((EACH_TOPIC, None), (EACH_CLIENT, 1))
            for pair in pairs
            if pair not in BY_DEFAULT
        ),
    ],
)
async def test_hostile_answer_ends_every_run_after_at_most_two_attempts(
    topic: str, kind: str, count: int | None, model: OfflineModel
) -> None:
    model.faults.always(kind)
    outcome = await run_samples(topic, largest_samples(topic)[:count])
    for sample in outcome.failures:
        assert not GENERIC.intersection(outcome.errors(sample)), sample
    for run in outcome.runs:
        assert max(run.model_attempts, default=0) <= 2, run.id
        assert not EMPTY_RESULTS.intersection(run.results), run.id


@each_topic()
async def test_empty_answer_is_an_error(topic: str, model: OfflineModel) -> None:
    model.faults.always("empty")
    outcome = await run_samples(topic, samples_of(topic))
    for sample in outcome.failures:
        assert set(outcome.errors(sample)) == {"ModelBehaviorError"}, sample


def can_misbehave(kind: str, call: Call) -> bool:
    """Return whether a model can misbehave like this in an answer to a request."""
    if kind.endswith("_output"):
        return "json_schema" in str(call.body.get("text") or call.body.get("response_format"))
    return kind == "empty" or bool(call.body.get("tools"))
