"""Run hooks log all events of a run, in order, with token usage."""

import re

import pytest
from agents.testing import ScriptedModel

from basic.run_lifecycle_workflow import main
from basic.run_worker import build_worker
from tests.basic.number_script import number_model
from tests.harness.workers import failure_of, serving

EVEN = [
    "Start Agent starts",
    "Start Agent calls the model",
    "Start Agent receives the model's answer",
    "Start Agent calls random_number",
    "random_number returns N",
    "Start Agent calls the model",
    "Start Agent receives the model's answer",
]
ODD = [
    *EVEN,
    "Start Agent hands off to Multiply Agent",
    "Multiply Agent starts",
    "Multiply Agent calls the model",
    "Multiply Agent receives the model's answer",
    "Multiply Agent calls multiply_by_two",
    "multiply_by_two returns N",
    "Multiply Agent calls the model",
    "Multiply Agent receives the model's answer",
    "Multiply Agent finishes with number=N",
]


async def test_starter_prints_every_event_of_odd_and_even_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: set[str] = set()
    while seen != {"even", "odd"}:
        model = number_model(250)
        async with serving(build_worker, model):
            await main(250)
        *events, result = capsys.readouterr().out.splitlines()
        assert all(re.search(r" \[\d+ tokens\]$", event) for event in events)
        plain = [re.sub(r"\d+", "N", re.sub(r" \[.*", "", event)) for event in events]
        if plain == ODD:
            model.assert_complete()
            seen.add("odd")
        else:
            assert plain == [*EVEN, "Start Agent finishes with number=N"]
            seen.add("even")
        assert int(result.removeprefix("Result: ")) % 2 == 0


@pytest.mark.parametrize("max_number", [0, -1])
async def test_maximum_below_one_is_rejected(max_number: int) -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(max_number))
    assert (error.type, error.message) == (
        "InvalidInput",
        f"max_number is {max_number}; the minimum is 1",
    )
