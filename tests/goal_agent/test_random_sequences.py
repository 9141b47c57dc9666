"""Random sequences of prompts, confirmations, cancellations and ends, all against the workflow."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from goal_agent.run_worker import build_worker
from tests.goal_agent.playing import ACTIONS, PROMPTS, Played
from tests.goal_agent.talking import (
    begin,
    invoices,
    obedient,
)
from tests.support import model_params, serving

MATRIX = [pytest.mark.matrix, pytest.mark.timeout(300)]
SEQUENCES = st.lists(st.sampled_from([*PROMPTS, *ACTIONS]), min_size=1, max_size=5)


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=MATRIX)])
async def test_no_tool_runs_without_its_own_confirmation_and_no_conversation_is_stuck(
    count: int, ledger: Path
) -> None:
    # Model calls as local activities: as many decisions with half the work for the server.
    params = replace(model_params(), heartbeat_timeout=None, use_local_activity=True)
    async with serving(build_worker, obedient(20 * count), model_params=params) as client:
        some = asyncio.Semaphore(40)

        async def talk(actions: list[str]) -> Played:
            async with some:
                played = Played(await begin(client))
                try:
                    await played.run(actions)
                except BaseException as error:
                    error.add_note(f"after {actions}")
                    raise
                return played

        talks = await asyncio.gather(*map(talk, sequences(count)))
        paid = invoices(ledger)
        for played in talks:
            await played.check(paid)
    assert paid, "nothing was ever paid"


def sequences(count: int) -> list[list[str]]:
    """Return sequences of actions, the same ones each time."""
    found = []

    @settings(max_examples=count, derandomize=True, database=None, phases=[Phase.generate])
    @given(SEQUENCES)
    def collect(actions: list[str]) -> None:
        found.append(actions)

    collect()
    return found
