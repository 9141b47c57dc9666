"""Agent hooks: one agent's events only; the drawn number survives replay."""

import pytest
from agents.testing import ScriptedModel

from basic.run_agent_lifecycle_workflow import main
from basic.run_worker import build_worker
from tests.basic.number_script import number_model
from tests.harness.workers import failure_of, serving


async def test_prints_the_events_of_the_first_agent_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # `serving` replays the history, and the query below is answered from a fresh replay: a number
    # that came from Python's own `random` would differ and fail both.
    async with serving(build_worker, number_model(250)):
        await main(250)
    *events, result = capsys.readouterr().out.splitlines()
    drawn = int(events[2].removeprefix("3. random_number returns "))
    assert events[:2] == ["1. Start Agent starts", "2. Start Agent calls random_number"]
    if drawn % 2:
        assert len(events) == 3
        assert result == f"Result: {drawn * 2}"
    else:
        assert events[3:] == [f"4. Start Agent ends with number={drawn}"]
        assert result == f"Result: {drawn}"


async def test_a_maximum_below_one_is_refused() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(0))
    assert (error.type, error.message) == (
        "InvalidInput",
        "max_number is 0: it must be 1 or more",
    )
