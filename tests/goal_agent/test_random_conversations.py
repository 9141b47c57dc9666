"""Random sequences of prompts, confirmations, cancellations, and ends."""

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
from tests.goal_agent.conversations import invoices, obedient_model, start
from tests.goal_agent.random_conversation import ACTIONS, PROMPTS, RandomConversation
from tests.harness.workers import model_params, serving

SEQUENCES = st.lists(st.sampled_from([*PROMPTS, *ACTIONS]), min_size=1, max_size=5)
PART = 100  # conversations at once, of five hundred in all


@pytest.mark.parametrize(
    "part", [pytest.param(part, marks=pytest.mark.exhaustive) for part in range(5)]
)
async def test_tools_run_once_after_their_own_confirmation_in_random_conversations(
    part: int, ledger: Path
) -> None:
    # Faster: model calls as local activities, and no sandbox.
    params = replace(model_params(), heartbeat_timeout=None, use_local_activity=True)
    async with serving(unsandboxed, obedient_model(20 * PART), model_params=params) as client:
        some = asyncio.Semaphore(40)

        async def talk(actions: list[str]) -> RandomConversation:
            async with some:
                conversation = RandomConversation(await start(client))
                try:
                    await conversation.run(actions)
                except BaseException as error:
                    error.add_note(f"after {actions}")
                    raise
                return conversation

        talks = await asyncio.gather(*map(talk, sequences(part)))
        paid = invoices(ledger)
        for conversation in talks:
            await conversation.check(paid)
    assert paid, "no invoice was created"


def unsandboxed(client: Client) -> Worker:
    """Return the topic's worker without the sandbox."""
    runner = UnsandboxedWorkflowRunner()
    with patch("goal_agent.run_worker.Worker", partial(Worker, workflow_runner=runner)):
        return build_worker(client)


def sequences(part: int) -> list[list[str]]:
    """Return a part of five hundred sequences of actions, the same in every run."""
    found: list[list[str]] = []

    @settings(
        max_examples=5 * PART,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(SEQUENCES)
    def collect(actions: list[str]) -> None:
        found.append(actions)

    collect()
    return found[part * PART : (part + 1) * PART]
