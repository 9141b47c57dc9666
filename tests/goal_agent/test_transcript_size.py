"""Carried state and result stay below the server's limit of 2 MiB, with the worst input."""

import pytest
from pydantic_core import to_json
from temporalio import workflow

from goal_agent.conversation.tool_call import PendingToolCall
from goal_agent.conversation.transcript import Transcript
from goal_agent.conversation.turn import MAX_TOOL_CALLS
from goal_agent.limits import MAX_DECISIONS, MAX_QUEUED, MAX_RECEIPTS, clip
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
    assert len(to_json(transcript.for_next_run())) < 0.75 * MIB
    tool_call.close()
    transcript.close()
    assert len(to_json(transcript.history())) < 1.25 * MIB


def worst() -> tuple[Transcript, PendingToolCall]:
    """Return a conversation with every limit reached, and one more turn."""
    params = ToolParams(accepted={f"{number:0200}": number for number in range(MAX_RECEIPTS)})
    transcript = Transcript(CombinedInput(agent_goal="book_trip", tool_params=params))
    tool_call = PendingToolCall(transcript)
    for number in range(MAX_RECEIPTS):
        params.decided[f"{number:0200}"] = decide(transcript, tool_call)
    fill(transcript)
    for _ in range(MAX_DECISIONS):
        decide(transcript, tool_call)
    transcript = Transcript(transcript.for_next_run())
    tool_call = PendingToolCall(transcript)
    fill(transcript)
    for _ in range(MAX_TOOL_CALLS):
        transcript.add("agent", CONTROL)
        decide(transcript, tool_call)
        transcript.add("tool", CONTROL)
    transcript.state.conversation_summary = clip(CONTROL)
    for _ in range(MAX_QUEUED):
        transcript.accept(PROMPT)
    return transcript, tool_call


def fill(transcript: Transcript) -> None:
    """Add messages until the run continues as new."""
    while not transcript.is_run_full(1_000_000):
        transcript.add("tool", CONTROL)


def decide(transcript: Transcript, tool_call: PendingToolCall) -> ToolData:
    tool_call.propose("s" * 36, "create_invoice", {**ARGS})
    decided = tool_call.decide("confirmed")
    tool_call.finish(StepState.DONE, CONTROL)
    return decided
