"""Carried state and result stay below the server's limit of 2 MiB, with the worst input."""

import pytest
from pydantic_core import to_json
from temporalio import workflow

from goal_agent.conversation.receipts import MAX_RECEIPTS
from goal_agent.conversation.tool_call import PendingToolCall
from goal_agent.conversation.transcript import MAX_DECISIONS, Transcript
from goal_agent.conversation.turn import MAX_TOOL_CALLS
from goal_agent.limits import MAX_QUEUED, MAX_RUN_BYTES, clip
from goal_agent.models import CombinedInput, StepState, ToolData, ToolParams

MIB = 1_048_576
CONTROL = "\x01" * 100_000
PROMPT = "\x01" * 1_364  # the longest that can be queued
ARGS = {"description": "é" * 1_980}


@pytest.fixture(autouse=True)
def no_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "current_update_info", lambda: None)


def test_carried_state_and_result_stay_below_the_limit() -> None:
    transcript, tool_call = worst()
    assert len(to_json(transcript.for_next_run(tool_call.step, tool_call.decided))) < 0.75 * MIB
    transcript.close()
    assert len(to_json(transcript.history(tool_call.step))) < 1.25 * MIB


def worst() -> tuple[Transcript, PendingToolCall]:
    """Return a conversation with every limit reached, and one more turn."""
    params = ToolParams(
        accepted={f"{number:0200}": number for number in range(MAX_RECEIPTS)},
    )
    transcript = Transcript(CombinedInput(agent_goal="book_trip", tool_params=params))
    tool_call = PendingToolCall(transcript, params)
    for number in range(MAX_RECEIPTS):
        tool_call.decided[f"{number:0200}"] = decide(transcript, tool_call)
    while not transcript.has_added(1_000_000, MAX_RUN_BYTES):
        transcript.add("tool", CONTROL)
    for _ in range(MAX_DECISIONS):
        decide(transcript, tool_call)
    carried = transcript.for_next_run(tool_call.step, tool_call.decided)
    transcript = Transcript(carried)
    tool_call = PendingToolCall(transcript, carried.tool_params)
    while not transcript.has_added(1_000_000, MAX_RUN_BYTES):
        transcript.add("tool", CONTROL)
    for _ in range(MAX_TOOL_CALLS):
        transcript.add("agent", CONTROL)
        decide(transcript, tool_call)
        transcript.add("tool", CONTROL)
    transcript.summary = clip(CONTROL)
    for _ in range(MAX_QUEUED):
        transcript.accept(PROMPT)
    return transcript, tool_call


def decide(transcript: Transcript, tool_call: PendingToolCall) -> ToolData:
    tool_call.propose("s" * 36, "create_invoice", {**ARGS})
    decided = tool_call.decide("confirmed")
    tool_call.finish(StepState.DONE, CONTROL)
    return decided
