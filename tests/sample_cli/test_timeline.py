"""The timeline of a workflow: from events, and from a run on a server."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from temporalio import activity, workflow
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
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from sample_cli.catalog import ROOT
from sample_cli.history_timeline import Row, Run, failure_text, rows, runs
from sample_cli.timeline_table import show

QUEUE = f"timeline-{uuid4().hex}"
SOON = RetryPolicy(initial_interval=timedelta(milliseconds=10))
MINUTE = timedelta(minutes=1)


@activity.defn(name="invoke_model_activity")
async def ask_model() -> dict[str, object]:
    if activity.info().attempt == 1:
        raise ApplicationError("slow down", type="RateLimit")
    return {"output": [{"type": "function_call", "name": "get_weather", "arguments": "{}"}]}


@activity.defn
async def get_weather() -> str:
    return "sunny"


@activity.defn
async def save() -> None:
    raise ApplicationError("disk full", type="DiskFull", non_retryable=True)


@workflow.defn(sandboxed=False)
class Leg:
    @workflow.run
    async def run(self) -> None: ...


@workflow.defn(sandboxed=False)
class Trip:
    """Does one of each thing that a timeline shows."""

    def __init__(self) -> None:
        self._go = False

    @workflow.signal
    def go(self) -> None:
        self._go = True

    @workflow.update
    def rename(self, name: str) -> None:
        raise ApplicationError("no such name", type="BadName")

    @workflow.run
    async def run(self, last: bool) -> None:
        if last:
            return
        await workflow.wait_condition(lambda: self._go)
        for name in ("invoke_model_activity", "get_weather"):
            await workflow.execute_activity(
                name, start_to_close_timeout=MINUTE, retry_policy=SOON, summary="Guide"
            )
        try:
            await workflow.execute_activity(save, start_to_close_timeout=MINUTE)
        except ActivityError:
            await workflow.execute_child_workflow(Leg.run)
        workflow.continue_as_new(True)


@pytest.fixture(scope="module")
async def trip(temporal: WorkflowEnvironment) -> list[Run]:
    """The runs of a completed trip."""
    client = temporal.client
    workflow_id = f"trip-{uuid4().hex}"
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[Trip, Leg],
        activities=[ask_model, get_weather, save],
    ):
        handle = await client.start_workflow(Trip.run, False, id=workflow_id, task_queue=QUEUE)
        with pytest.raises(Exception, match="update"):
            await handle.execute_update(Trip.rename, "Sora")
        await handle.signal(Trip.go)
        await handle.result()
    return await runs(client, f"WorkflowId = '{workflow_id}'")


def test_runs_include_children_and_runs_after_continue_as_new(trip: list[Run]) -> None:
    assert [(run.workflow_type, run.status) for run in trip] == [
        ("Trip", "continued as new"),
        ("Leg", "completed"),
        ("Trip", "completed"),
    ]
    assert all(run.events > 2 and run.size > 500 for run in trip)


def test_each_step_is_a_row(trip: list[Run]) -> None:
    found = [(row.kind, row.what, row.attempts, row.outcome) for row in trip[0].rows]
    assert sorted(found[:2]) == [("signal", "go", 0, "received"), ("update", "rename", 0, "failed")]
    assert found[2:] == [
        ("model", "Guide", 2, "completed"),
        ("tool", "get_weather", 1, "completed"),
        ("activity", "save", 1, "failed"),
        ("child", "Leg", 0, "completed"),
        ("continue-as-new", "Trip", 0, "completed"),
    ]


def test_row_has_the_last_failure_even_when_a_retry_succeeded(trip: list[Run]) -> None:
    failures = {row.what: row.failure for row in trip[0].rows if row.failure}
    assert failures == {
        "rename": "BadName: no such name",
        "Guide": "RateLimit: slow down",
        "save": "DiskFull: disk full",
    }


def test_rows_are_in_order_of_their_start_and_have_durations(trip: list[Run]) -> None:
    starts = [row.start for row in trip[0].rows]
    assert starts == sorted(starts)
    assert all(row.duration is not None and row.duration >= 0 for row in trip[0].rows)


def test_log_output_is_plain_text_of_80_columns(trip: list[Run]) -> None:
    output = io.StringIO()
    show(trip, Console(file=output, width=80))
    text = output.getvalue()
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 80
    assert "last failure of Guide: RateLimit: slow down" in text


def test_markup_in_names_and_failures_is_escaped() -> None:
    output = io.StringIO()
    row = Row(0, "tool", "[red]look[/red]", failure="[/] broken")
    run = Run("id", "run", "Type", Timestamp().ToDatetime(), 0, "running", "[/oops]", 1, 1, [row])
    show([run], Console(file=output, width=80))
    for text in ("[red]look[/red]", "[/] broken", "[/oops]"):
        assert text in output.getvalue()


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
    (row,) = rows([BEGIN, CALL], [PendingActivityInfo(activity_id="7", state=state, attempt=1)])
    assert (row.start, row.attempts, row.outcome, row.duration) == (2, 1, "running", None)


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
