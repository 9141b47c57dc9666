"""Random failures, kills, other words, duplicates, and consents: charges equal intents."""

import asyncio

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.side_effects.play import Step, play, sequences


def check(examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],  # shrinking a failure would take minutes
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(steps=sequences)
    def each(steps: list[Step]) -> None:
        asyncio.run(play(steps))

    each()


def test_charges_equal_intents() -> None:
    check(20)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(4))  # at once, since each takes up to half a minute of CPU
def test_charges_equal_intents_in_a_thousand_sequences(part: int) -> None:
    check(250)
