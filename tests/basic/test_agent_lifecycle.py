"""Agent hooks log the events of one agent, and the random number survives replay."""

import pytest
from agents.testing import ScriptedModel

from basic.run_agent_lifecycle_workflow import main
from basic.run_worker import build_worker
from tests.basic.number_script import number_model
from tests.harness.workers import failure_of, serving


async def test_starter_prints_only_the_first_agents_events(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # `serving` replays the history. A number from the `random` module would differ, and fail it.
    async with serving(build_worker, number_model(250)):
        await main(250)
    *events, result = capsys.readouterr().out.splitlines()
    drawn = int(events[2].removeprefix("3. random_number returns "))
    assert events[:2] == ["1. Start Agent starts", "2. Start Agent calls random_number"]
    if drawn % 2:
        assert len(events) == 3
        assert result == f"Result: {drawn * 2}"
    else:
        assert events[3:] == [f"4. Start Agent finishes with number={drawn}"]
        assert result == f"Result: {drawn}"


async def test_maximum_below_one_is_rejected() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(0))
    assert (error.type, error.message) == ("InvalidInput", "max_number is 0; the minimum is 1")
