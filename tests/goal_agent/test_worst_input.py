"""What a conversation keeps stays far below the server's limit of 2 MiB, with the worst input."""

import pytest
from pydantic_core import to_json
from temporalio import workflow

from goal_agent.models import MAX_QUEUED, CombinedInput, StepState, ToolData, ToolParams
from goal_agent.receipts import MAX_RECEIPTS
from goal_agent.sizes import MAX_RUN_BYTES, clip
from goal_agent.steps import Steps
from goal_agent.talk import MAX_DECISIONS, Talk
from goal_agent.turns import STEPS_PER_PROMPT

MIB = 1_048_576
CONTROL = "\x01" * 100_000
PROMPT = "\x01" * 1_364  # as much as may be queued
ARGS = {"description": "é" * 1_980}


@pytest.fixture(autouse=True)
def no_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "current_update_info", lambda: None)


def test_state_stays_far_below_the_limit_with_the_worst_input() -> None:
    talk, steps = worst()
    assert len(to_json(talk.for_next_run(steps.latest, steps.decided))) < 0.75 * MIB
    talk.close()
    assert len(to_json(talk.history(steps.latest))) < 1.25 * MIB


def worst() -> tuple[Talk, Steps]:
    """Return a conversation with all of its limits reached, and one more turn."""
    params = ToolParams(
        accepted={f"{number:0200}": number for number in range(MAX_RECEIPTS)},
    )
    talk = Talk(CombinedInput(agent_goal="book_trip", tool_params=params))
    steps = Steps(talk, params)
    for number in range(MAX_RECEIPTS):
        steps.decided[f"{number:0200}"] = decide(talk, steps)
    while not talk.has_added(1_000_000, MAX_RUN_BYTES):
        talk.say("tool", CONTROL)
    for _ in range(MAX_DECISIONS):
        decide(talk, steps)
    carried = talk.for_next_run(steps.latest, steps.decided)
    talk = Talk(carried)
    steps = Steps(talk, carried.tool_params)
    while not talk.has_added(1_000_000, MAX_RUN_BYTES):
        talk.say("tool", CONTROL)
    for _ in range(STEPS_PER_PROMPT):
        talk.say("agent", CONTROL)
        decide(talk, steps)
        talk.say("tool", CONTROL)
    talk.summary = clip(CONTROL)
    for _ in range(MAX_QUEUED):
        talk.accept(PROMPT)
    return talk, steps


def decide(talk: Talk, steps: Steps) -> ToolData:
    steps.propose("s" * 36, "create_invoice", {**ARGS})
    decided = steps.decide("confirmed")
    steps.become(StepState.DONE, CONTROL)
    return decided
