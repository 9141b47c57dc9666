"""What a workflow's history says happened, as rows: what ran when, how often, and how it ended."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # only types: the import takes 0.3 s, for which a server could be starting
    from temporalio.api.common.v1 import Payload
    from temporalio.api.failure.v1 import Failure
    from temporalio.api.history.v1 import HistoryEvent
    from temporalio.api.workflow.v1 import PendingActivityInfo
    from temporalio.client import Client, WorkflowExecutionDescription

MODEL_CALLS = frozenset({"invoke_model_activity", "invoke_model_activity_streaming"})
# How the plugin calls what it asks an MCP server: the server's name, and what is asked.
MCP = re.compile(
    r"temporalio\.mcp\.(?P<server>.+)\.(?P<what>[\w-]+)"
    r"|(?P<old_server>.+)-(?:stateful|stateless)-"
    r"(?P<old_what>call-tool|list-tools|get-prompt|list-prompts|server-session)(?:-v\d+)?"
)
RUNNING = "running"
STARTED = 2  # PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
WAITING = "waiting"  # for a worker, or for its next attempt

# How an event of one of these types closes a row: the field with the id of the event that opened
# it, and the word for how it ended.
CLOSERS = {
    "activity_task_completed": ("scheduled_event_id", "completed"),
    "activity_task_failed": ("scheduled_event_id", "failed"),
    "activity_task_timed_out": ("scheduled_event_id", "timed out"),
    "activity_task_canceled": ("scheduled_event_id", "cancelled"),
    "timer_fired": ("started_event_id", "fired"),
    "timer_canceled": ("started_event_id", "cancelled"),
    "workflow_execution_update_completed": ("accepted_event_id", "completed"),
    "child_workflow_execution_completed": ("initiated_event_id", "completed"),
    "child_workflow_execution_failed": ("initiated_event_id", "failed"),
    "child_workflow_execution_timed_out": ("initiated_event_id", "timed out"),
    "child_workflow_execution_canceled": ("initiated_event_id", "cancelled"),
    "child_workflow_execution_terminated": ("initiated_event_id", "terminated"),
    "nexus_operation_completed": ("scheduled_event_id", "completed"),
    "nexus_operation_failed": ("scheduled_event_id", "failed"),
    "nexus_operation_timed_out": ("scheduled_event_id", "timed out"),
    "nexus_operation_canceled": ("scheduled_event_id", "cancelled"),
}

STATUS = {
    "workflow_execution_completed": "completed",
    "workflow_execution_failed": "failed",
    "workflow_execution_timed_out": "timed out",
    "workflow_execution_canceled": "cancelled",
    "workflow_execution_terminated": "terminated",
    "workflow_execution_continued_as_new": "continued as new",
}


@dataclass(frozen=True)
class Row:
    """One thing that happened in a workflow run.

    Attributes:
        start: Seconds since the run began.
        kind: model, tool, activity, timer, signal, update, child, nexus, task, continue-as-new.
        what: The agent of a model call, else the name of the tool, activity, signal, and so on.
        attempts: How often it was tried; 0 where nothing is tried.
        duration: Seconds from start to end, waits between attempts included; None while it runs.
        outcome: How it ended, or that it is running or waiting.
        failure: The last failure that history holds for it.
    """

    start: float
    kind: str
    what: str
    attempts: int = 0
    duration: float | None = None
    outcome: str = RUNNING
    failure: str = ""


@dataclass(frozen=True)
class Run:
    """One workflow run: what it was, how it ended, and its rows."""

    workflow_id: str
    run_id: str
    workflow_type: str
    started: datetime
    duration: float
    status: str
    failure: str
    events: int
    size: int
    rows: list[Row] = field(default_factory=list)

    def calls(self, kind: str, *, outcome: str | None = None) -> list[Row]:
        """Return the rows of a kind, of all outcomes or of one."""
        return [row for row in self.rows if row.kind == kind and outcome in {None, row.outcome}]


async def runs(client: Client, query: str = "") -> list[Run]:
    """Return the runs that match a visibility query, and those that follow from them.

    What follows are child workflows and the runs after a continue-as-new: they are read from
    history, so they are found although the query does not match them.
    """
    waiting = [(found.id, found.run_id) async for found in client.list_workflows(query or None)]
    found: dict[str, Run] = {}
    while waiting:
        workflow_id, run_id = waiting.pop()
        if run_id in found:
            continue
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        description = await handle.describe()
        events = list((await handle.fetch_history()).events)
        found[run_id] = run_of(events, description)
        waiting += _followers(workflow_id, events)
    return sorted(found.values(), key=lambda run: run.started)


def run_of(events: Sequence[HistoryEvent], description: WorkflowExecutionDescription) -> Run:
    """Return a run with its rows."""
    info = description.raw_description
    last = events[-1]
    status = STATUS.get(_type(last), RUNNING)
    failure = last.workflow_execution_failed_event_attributes.failure
    return Run(
        workflow_id=description.id,
        run_id=description.run_id or "",
        workflow_type=description.workflow_type,
        started=events[0].event_time.ToDatetime(),
        duration=_seconds(events[0], last),
        status=status,
        failure=failure_text(failure) if status == "failed" else "",
        events=len(events),
        size=info.workflow_execution_info.history_size_bytes,
        rows=rows(events, info.pending_activities),
    )


def rows(events: Sequence[HistoryEvent], pending: Iterable[PendingActivityInfo] = ()) -> list[Row]:
    """Turn the events of one run into rows, in the order in which they began."""
    found: dict[int, Row] = {}
    requested: set[str] = set()
    for event in events:
        if opened := _opened(event, requested):
            found[event.event_id] = replace(opened, start=_seconds(events[0], event))
        elif _type(event) == "activity_task_started":
            started = event.activity_task_started_event_attributes
            found[started.scheduled_event_id] = replace(
                found[started.scheduled_event_id],
                attempts=started.attempt,
                failure=failure_text(started.last_failure),
            )
        elif (closer := CLOSERS.get(_type(event))) and (row := _opener(event, closer[0], found)):
            found[row[0]] = _closed(row[1], event, closer[1], events[0])
            requested |= _requested_tools(event)
    for info in pending:
        _add_pending(found, events, info)
    return list(found.values())


def failure_text(failure: Failure) -> str:
    """Return type and message of a failure's root cause in one line."""
    while failure.HasField("cause"):
        failure = failure.cause
    kind = failure.application_failure_info.type
    text = " ".join(failure.message.split())
    return f"{kind}: {text}" if kind and text else kind or text


def _type(event: HistoryEvent) -> str:
    return (event.WhichOneof("attributes") or "").removesuffix("_event_attributes")


def _seconds(first: HistoryEvent, event: HistoryEvent) -> float:
    return (event.event_time.ToNanoseconds() - first.event_time.ToNanoseconds()) / 1e9


def _opened(event: HistoryEvent, requested: set[str]) -> Row | None:
    """Return the row that an event opens, without its start."""
    match _type(event):
        case "activity_task_scheduled":
            return _activity(event, requested)
        case "timer_started":
            wait = event.timer_started_event_attributes.start_to_fire_timeout
            return Row(0, "timer", f"{wait.ToNanoseconds() / 1e9:g} s")
        case "workflow_execution_signaled":
            name = event.workflow_execution_signaled_event_attributes.signal_name
            return Row(0, "signal", name, duration=0, outcome="received")
        case "workflow_execution_update_accepted":
            accepted = event.workflow_execution_update_accepted_event_attributes
            return Row(0, "update", accepted.accepted_request.input.name)
        case "start_child_workflow_execution_initiated":
            child = event.start_child_workflow_execution_initiated_event_attributes
            return Row(0, "child", child.workflow_type.name)
        case "nexus_operation_scheduled":
            nexus = event.nexus_operation_scheduled_event_attributes
            return Row(0, "nexus", f"{nexus.service}.{nexus.operation}")
        case "workflow_task_failed":
            failed = event.workflow_task_failed_event_attributes
            text = failure_text(failed.failure)
            return Row(0, "task", "workflow code", duration=0, outcome="failed", failure=text)
        case "workflow_execution_continued_as_new":
            new = event.workflow_execution_continued_as_new_event_attributes
            name = new.workflow_type.name
            return Row(0, "continue-as-new", name, duration=0, outcome="completed")
    return None


def _activity(event: HistoryEvent, requested: set[str]) -> Row:
    """Return the row of an activity: a model call, a tool that a model asked for, or another."""
    name = event.activity_task_scheduled_event_attributes.activity_type.name
    if name in MODEL_CALLS:
        return Row(0, "model", _text(event.user_metadata.summary) or name)
    if mcp := MCP.fullmatch(name):
        return _mcp(mcp, event)
    return Row(0, "tool" if name in requested else "activity", name)


def _mcp(name: re.Match[str], event: HistoryEvent) -> Row:
    """Return the row of a request to an MCP server, by the server and the tool that is called."""
    server, what = name["server"] or name["old_server"], name["what"] or name["old_what"]
    if what != "call-tool":
        return Row(0, "activity", f"{server}: {what}")
    payloads = event.activity_task_scheduled_event_attributes.input.payloads
    given = _json(payloads[0]) if payloads else None
    call = given if isinstance(given, dict) else {}
    return Row(0, "tool", f"{server}: {call.get('name') or call.get('tool_name') or what}")


def _opener(event: HistoryEvent, id_field: str, found: Mapping[int, Row]) -> tuple[int, Row] | None:
    attributes = getattr(event, f"{_type(event)}_event_attributes")
    event_id = getattr(attributes, id_field)
    return (event_id, found[event_id]) if event_id in found else None


def _closed(row: Row, event: HistoryEvent, outcome: str, first: HistoryEvent) -> Row:
    attributes = getattr(event, f"{_type(event)}_event_attributes")
    failure = getattr(attributes, "failure", None)
    if _type(event) == "workflow_execution_update_completed":
        failure = attributes.outcome.failure if attributes.outcome.HasField("failure") else None
        outcome = "failed" if failure else outcome
    return replace(
        row,
        duration=_seconds(first, event) - row.start,
        outcome=outcome,
        failure=failure_text(failure) if failure else row.failure,
    )


def _add_pending(
    found: dict[int, Row], events: Sequence[HistoryEvent], info: PendingActivityInfo
) -> None:
    """Add what only the server's live state knows: history gets attempts when they are over."""
    for event in events:
        scheduled = event.activity_task_scheduled_event_attributes
        if event.event_id in found and scheduled.activity_id == info.activity_id:
            started = info.state == STARTED
            found[event.event_id] = replace(
                found[event.event_id],
                attempts=info.attempt if started else info.attempt - 1,
                outcome=RUNNING if started else WAITING,
                failure=failure_text(info.last_failure),
            )


def _followers(workflow_id: str, events: Iterable[HistoryEvent]) -> Iterator[tuple[str, str]]:
    """Yield the ids of runs that a run started."""
    for event in events:
        if event.HasField("child_workflow_execution_started_event_attributes"):
            child = event.child_workflow_execution_started_event_attributes.workflow_execution
            yield child.workflow_id, child.run_id
        elif event.HasField("workflow_execution_continued_as_new_event_attributes"):
            new = event.workflow_execution_continued_as_new_event_attributes
            yield workflow_id, new.new_execution_run_id


def _requested_tools(event: HistoryEvent) -> set[str]:
    """Return the names of the functions that the model asks for in a finished call."""
    payloads = event.activity_task_completed_event_attributes.result
    return {name for payload in payloads.payloads for name in _function_calls(_json(payload))}


def _function_calls(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _function_calls(item)
    elif isinstance(value, dict):
        if value.get("type") == "function_call":
            yield str(value.get("name"))
        for item in value.values():
            yield from _function_calls(item)


def _text(payload: Payload) -> str:
    value = _json(payload)
    return value if isinstance(value, str) else ""


def _json(payload: Payload) -> object:
    """Return what a payload holds; None where it is not JSON, or encrypted."""
    try:
        return json.loads(payload.data)
    except ValueError:
        return None
