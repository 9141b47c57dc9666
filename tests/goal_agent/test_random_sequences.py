"""Random sequences of prompts, confirmations, cancellations and ends, all against the workflow."""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from goal_agent.run_worker import build_worker
from tests.goal_agent.playing import ACTIONS, PROMPTS, Played
from tests.goal_agent.talking import begin, invoices, obedient
from tests.harness.workers import model_params, serving

SEQUENCES = st.lists(st.sampled_from([*PROMPTS, *ACTIONS]), min_size=1, max_size=5)
PART = 100  # conversations at once, of a thousand in all

pytestmark = pytest.mark.timeout(180)  # much work, on a busy machine


@pytest.mark.parametrize(
    "part", [0, *(pytest.param(part, marks=pytest.mark.exhaustive) for part in range(1, 10))]
)
async def test_no_tool_runs_without_its_own_confirmation_and_no_conversation_is_stuck(
    part: int, ledger: Path
) -> None:
    # As many decisions in less time: model calls as local activities, and no sandbox.
    params = replace(model_params(), heartbeat_timeout=None, use_local_activity=True)
    async with serving(unsandboxed, obedient(20 * PART), 10, model_params=params) as client:
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

        talks = await asyncio.gather(*map(talk, sequences(part)))
        paid = invoices(ledger)
        for played in talks:
            await played.check(paid)
    assert paid, "nothing was ever paid"


def unsandboxed(client: Client) -> Worker:
    """Return the topic's worker without the sandbox, which checks code and not conversations."""
    runner = UnsandboxedWorkflowRunner()
    with patch("goal_agent.run_worker.Worker", partial(Worker, workflow_runner=runner)):
        return build_worker(client)


def sequences(part: int) -> list[list[str]]:
    """Return a part of a thousand sequences of actions, the same ones each time."""
    found: list[list[str]] = []

    @settings(
        max_examples=10 * PART,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,  # how long a busy machine takes to make one up says nothing
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(SEQUENCES)
    def collect(actions: list[str]) -> None:
        found.append(actions)

    collect()
    return found[part * PART : (part + 1) * PART]
