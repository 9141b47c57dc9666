"""The tokens of a run, from the recorded results of its model calls."""

import json

import pytest
from temporalio.api.common.v1 import Payload

from sample_cli.history_timeline import Run
from sample_cli.run_costs import cost_text, tokens
from tests.sample_cli.recorded import recorded

LAST_RESPONSE = {"type": "response.completed", "response": {"usage": None}}


def with_results(sample: str, data: bytes) -> Run:
    """Return a recorded run whose activities have another result."""
    run = recorded(sample)
    for event in run.history:
        for payload in event.activity_task_completed_event_attributes.result.payloads:
            payload.CopyFrom(Payload(data=data))
    return run


def test_tokens_of_recorded_runs_are_added() -> None:
    run = recorded("basic/tools")
    assert tokens(run) == {"input": 431, "output": 45}
    assert cost_text([run, run]) == "8 billable actions; tokens: 862 input, 90 output"


def test_tokens_of_a_streamed_call_are_in_its_last_event() -> None:
    usage = {
        "input_tokens": 1_500,
        "output_tokens": 7,
        "input_tokens_details": {"cached_tokens": 9},
    }
    events = [{"type": "response.created"}, {**LAST_RESPONSE, "response": {"usage": usage}}]
    run = with_results("basic/hello_world", json.dumps(events).encode())
    assert cost_text([run]) == "2 billable actions; tokens: 1,500 input (9 cached), 7 output"


@pytest.mark.parametrize(
    "result",
    [b"\xff\x00", b"{}", b"[]", b"1", b'{"usage": null}', json.dumps([LAST_RESPONSE]).encode()],
    ids=["encrypted", "stored elsewhere", "no events", "number", "no usage", "stream without"],
)
def test_unreadable_usage_is_counted(result: bytes) -> None:
    run = with_results("basic/hello_world", result)
    assert tokens(run) == {"unread": 1}
    assert cost_text([run]) == "2 billable actions; model calls without readable usage: 1"
