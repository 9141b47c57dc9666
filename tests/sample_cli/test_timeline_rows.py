"""The rows of a timeline, from single events."""

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import ActivityType, Payload, Payloads
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.history.v1 import (
    ActivityTaskCompletedEventAttributes,
    ActivityTaskScheduledEventAttributes,
    HistoryEvent,
    TimerFiredEventAttributes,
    TimerStartedEventAttributes,
    WorkflowExecutionStartedEventAttributes,
    WorkflowTaskFailedEventAttributes,
)
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowHistory

from sample_cli.catalog import ROOT
from sample_cli.history_timeline import failure_text, rows


def _event(number: int, kind: str, attributes: Message) -> HistoryEvent:
    event = HistoryEvent(event_id=number, event_time=Timestamp(seconds=100 + number))
    getattr(event, f"{kind}_event_attributes").CopyFrom(attributes)
    return event


BEGIN = _event(1, "workflow_execution_started", WorkflowExecutionStartedEventAttributes())
CALL = _event(
    3,
    "activity_task_scheduled",
    ActivityTaskScheduledEventAttributes(
        activity_id="7", activity_type=ActivityType(name="invoke_model_activity")
    ),
)


def test_call_in_flight_is_running() -> None:
    state = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    pending = PendingActivityInfo(
        activity_id="7", state=state, attempt=1, last_worker_identity="12@host"
    )
    (row,) = rows([BEGIN, CALL], [pending])
    assert (row.start, row.attempts, row.outcome, row.duration) == (2, 1, "running", None)
    assert row.worker == "12@host"


def test_call_between_attempts_is_waiting_and_has_its_failure() -> None:
    pending = PendingActivityInfo(
        activity_id="7",
        state=PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED,
        attempt=3,
        last_failure=Failure(message="busy"),
    )
    (row,) = rows([BEGIN, CALL], [pending])
    assert (row.attempts, row.outcome, row.failure) == (2, "waiting", "busy")


def test_encrypted_result_is_accepted() -> None:
    result = Payloads(payloads=[Payload(data=b"\xff\x00")])
    completed = ActivityTaskCompletedEventAttributes(scheduled_event_id=3, result=result)
    (row,) = rows([BEGIN, CALL, _event(5, "activity_task_completed", completed)])
    assert (row.outcome, row.duration) == ("completed", 2)


def test_timer_is_shown_with_its_duration() -> None:
    started = TimerStartedEventAttributes(start_to_fire_timeout=Duration(seconds=90))
    fired = TimerFiredEventAttributes(started_event_id=2)
    (row,) = rows([BEGIN, _event(2, "timer_started", started), _event(4, "timer_fired", fired)])
    assert (row.kind, row.what, row.outcome, row.duration) == ("timer", "90 s", "fired", 2)


def test_failed_workflow_task_is_shown() -> None:
    failed = WorkflowTaskFailedEventAttributes(failure=Failure(message="no such key"))
    (row,) = rows([BEGIN, _event(4, "workflow_task_failed", failed)])
    assert (row.kind, row.outcome, row.failure) == ("task", "failed", "no such key")


def test_failure_text_is_the_root_cause() -> None:
    info = ApplicationFailureInfo(type="DiskFull")
    cause = Failure(message="disk\n full", application_failure_info=info)
    assert failure_text(Failure(message="Activity failed", cause=cause)) == "DiskFull: disk full"


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("file_system", [("activity", "files: list-tools"), ("tool", "files: search_files")]),
        ("scratchpad", [("activity", "scratchpad: list-tools"), ("tool", "scratchpad: add_note")]),
        ("prompt_server", [("activity", "prompts: get-prompt")]),
    ],
)
def test_requests_to_mcp_servers_are_named_by_server_and_tool(
    sample: str, expected: list[tuple[str, str]]
) -> None:
    file = ROOT / "tests" / "histories" / "mcp_servers" / f"{sample}.json"
    history = WorkflowHistory.from_json(sample, file.read_text(encoding="utf-8"))
    found = [(row.kind, row.what) for row in rows(list(history.events))]
    assert set(expected) <= set(found)
    assert not [what for _, what in found if what.endswith("call-tool")]
