"""Turns a workflow's history into a timeline: what ran, when, how often, and with which outcome."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # importing temporalio takes 0.3 s, which would delay the server's start
    from google.protobuf.message import Message
    from temporalio.api.common.v1 import Payload
    from temporalio.api.failure.v1 import Failure
    from temporalio.api.history.v1 import HistoryEvent
    from temporalio.api.workflow.v1 import PendingActivityInfo
    from temporalio.client import Client, WorkflowExecutionDescription
    from temporalio.converter import PayloadCodec

MODEL_CALLS = frozenset({"invoke_model_activity", "invoke_model_activity_streaming"})
# The activity types with which the agents plugin calls an MCP server.
MCP = re.compile(
    r"temporalio\.mcp\.(?P<server>.+)\.(?P<what>[\w-]+)"
    r"|(?P<old_server>.+)-(?:stateful|stateless)-"
    r"(?P<old_what>call-tool|list-tools|get-prompt|list-prompts|server-session)(?:-v\d+)?"
)
RUNNING = "running"
STARTED = 2  # PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
WAITING = "waiting"  # for a worker, or for the next attempt

# Events that open a row: its kind, the attribute that names it, and its outcome so far.
OPENERS = {
    "workflow_execution_signaled": ("signal", "signal_name", "received"),
    "workflow_execution_update_accepted": ("update", "accepted_request.input.name", RUNNING),
    "start_child_workflow_execution_initiated": ("child", "workflow_type.name", RUNNING),
    "workflow_execution_continued_as_new": ("continue-as-new", "workflow_type.name", "completed"),
}
# Rows that a later event closes, and the attribute with the id of the event that opened them.
OPENED_BY = {
    "activity_task": "scheduled_event_id",
    "timer": "started_event_id",
    "workflow_execution_update": "accepted_event_id",
    "child_workflow_execution": "initiated_event_id",
    "nexus_operation": "scheduled_event_id",
}
OUTCOMES = {
    "completed": "completed",
    "fired": "fired",
    "failed": "failed",
    "timed_out": "timed out",
    "canceled": "cancelled",
    "terminated": "terminated",
    "continued_as_new": "continued as new",
}
CLOSING = re.compile(rf"({'|'.join(OPENED_BY)})_({'|'.join(OUTCOMES)})")


@dataclass(frozen=True)
class Row:
    """One step of a workflow run; times are in seconds.

    Attributes:
        start: The time since the start of the run.
        kind: model, tool, activity, timer, signal, update, child, nexus, task, continue-as-new.
        what: The agent of a model call, otherwise the name of the tool, activity, signal, etc.
        attempts: The number of attempts; 0 for kinds that are never retried.
        duration: The time from start to end, backoff included; None while it runs.
        failure: The last failure, even if a later attempt succeeded.
        worker: The identity of the worker that runs a pending activity.
    """

    start: float
    kind: str
    what: str
    attempts: int = 0
    duration: float | None = None
    outcome: str = RUNNING
    failure: str = ""
    worker: str = ""


@dataclass(frozen=True)
class Run:
    """One workflow run: its type, its status, its rows, and its history."""

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
    history: Sequence[HistoryEvent] = ()

    def calls(self, kind: str) -> list[Row]:
        """Return the rows of a kind."""
        return [row for row in self.rows if row.kind == kind]


async def runs(client: Client, query: str = "", codec: PayloadCodec | None = None) -> list[Run]:
    """Return the runs that match a visibility query, and the runs that they started.

    `codec` decrypts their payloads.

    Child workflows and runs after a continue-as-new are read from history, so they are included
    even if the query does not match them.
    """
    pending = [(found.id, found.run_id) async for found in client.list_workflows(query or None)]
    found: dict[str, Run] = {}
    while pending:
        workflow_id, run_id = pending.pop()
        if run_id in found:
            continue
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        description = await handle.describe()
        events = list((await handle.fetch_history()).events)
        if codec:
            await _decode_payloads(codec, [description.raw_description, *events])
        found[run_id] = run_of(events, description)
        pending += _started_runs(workflow_id, events)
    return sorted(found.values(), key=lambda run: run.started)


def run_of(events: Sequence[HistoryEvent], description: WorkflowExecutionDescription) -> Run:
    """Return a run with its rows."""
    info = description.raw_description
    last = events[-1]
    return Run(
        workflow_id=description.id,
        run_id=description.run_id or "",
        workflow_type=description.workflow_type,
        started=events[0].event_time.ToDatetime(),
        duration=_seconds(events[0], last),
        status=OUTCOMES.get(_type(last).removeprefix("workflow_execution_"), RUNNING),
        failure=failure_text(last.workflow_execution_failed_event_attributes.failure),
        events=len(events),
        size=info.workflow_execution_info.history_size_bytes,
        rows=rows(events, info.pending_activities),
        history=events,
    )


def rows(events: Sequence[HistoryEvent], pending: Iterable[PendingActivityInfo] = ()) -> list[Row]:
    """Return the rows of a run, in the order in which they started."""
    found: dict[int, Row] = {}
    requested_tools: set[str] = set()
    for event in events:
        if opened := _opened(event, requested_tools):
            found[event.event_id] = replace(opened, start=_seconds(events[0], event))
        elif _type(event) == "activity_task_started":
            started = event.activity_task_started_event_attributes
            opener, failure = started.scheduled_event_id, failure_text(started.last_failure)
            found[opener] = replace(found[opener], attempts=started.attempt, failure=failure)
        elif closing := CLOSING.fullmatch(_type(event)):
            opener = getattr(_attributes(event), OPENED_BY[closing[1]])
            if opener in found:
                row = replace(found[opener], outcome=OUTCOMES[closing[2]])
                found[opener] = _closed(row, _attributes(event), _seconds(events[0], event))
                requested_tools |= _requested_tools(event)
    for info in pending:
        _add_pending(found, events, info)
    return list(found.values())


def failure_text(failure: Failure) -> str:
    """Return type and message of a failure's root cause in one line."""
    while failure.HasField("cause"):
        failure = failure.cause
    kind = failure.application_failure_info.type
    hidden = _decode(failure.encoded_attributes)
    text = str(hidden["message"]) if isinstance(hidden, dict) else failure.message
    text = " ".join(text.split())
    return f"{kind}: {text}" if kind and text else kind or text


def _type(event: HistoryEvent) -> str:
    return (event.WhichOneof("attributes") or "").removesuffix("_event_attributes")


def _attributes(event: HistoryEvent) -> Any:
    return getattr(event, event.WhichOneof("attributes") or "", None)


def _seconds(first: HistoryEvent, event: HistoryEvent) -> float:
    return (event.event_time.ToNanoseconds() - first.event_time.ToNanoseconds()) / 1e9


def _opened(event: HistoryEvent, requested_tools: set[str]) -> Row | None:
    """Return the row that an event opens, without its start."""
    attributes = _attributes(event)
    match _type(event):
        case "activity_task_scheduled":
            return _activity(event, requested_tools)
        case "timer_started":
            wait = attributes.start_to_fire_timeout
            return Row(0, "timer", f"{wait.ToNanoseconds() / 1e9:g} s")
        case "nexus_operation_scheduled":
            return Row(0, "nexus", f"{attributes.service}.{attributes.operation}")
        case "workflow_task_failed":
            text = failure_text(attributes.failure)
            return Row(0, "task", "workflow code", duration=0, outcome="failed", failure=text)
        case name if name in OPENERS:
            kind, attribute, outcome = OPENERS[name]
            duration = None if outcome == RUNNING else 0
            what = attrgetter(attribute)(attributes)
            return Row(0, kind, what, duration=duration, outcome=outcome)
    return None


def _activity(event: HistoryEvent, requested_tools: set[str]) -> Row:
    scheduled = event.activity_task_scheduled_event_attributes
    name = scheduled.activity_type.name
    if name in MODEL_CALLS:
        agent = _decode(event.user_metadata.summary)
        return Row(0, "model", agent if isinstance(agent, str) and agent else name)
    if not (mcp := MCP.fullmatch(name)):
        return Row(0, "tool" if name in requested_tools else "activity", name)
    server, what = mcp["server"] or mcp["old_server"], mcp["what"] or mcp["old_what"]
    if what != "call-tool":
        return Row(0, "activity", f"{server}: {what}")
    call = _decode(scheduled.input.payloads[0]) if scheduled.input.payloads else None
    tool = (call.get("name") or call.get("tool_name")) if isinstance(call, dict) else None
    return Row(0, "tool", f"{server}: {tool or what}")


def _closed(row: Row, attributes: Any, end: float) -> Row:
    """Return the row with its duration and failure; a failed update has a 'completed' event."""
    failure = getattr(attributes, "failure", None)
    outcome = getattr(attributes, "outcome", None)
    if outcome and outcome.HasField("failure"):
        row, failure = replace(row, outcome="failed"), outcome.failure
    failure_or_last = failure_text(failure) if failure else row.failure
    return replace(row, duration=end - row.start, failure=failure_or_last)


def _add_pending(
    found: dict[int, Row], events: Sequence[HistoryEvent], info: PendingActivityInfo
) -> None:
    """Add an activity's current attempt: history records attempts only when the activity closes."""
    for event in events:
        scheduled = event.activity_task_scheduled_event_attributes
        if event.event_id in found and scheduled.activity_id == info.activity_id:
            row = replace(found[event.event_id], failure=failure_text(info.last_failure))
            started = info.state == STARTED
            attempts, outcome = info.attempt - (not started), RUNNING if started else WAITING
            row = replace(row, attempts=attempts, outcome=outcome, worker=info.last_worker_identity)
            found[event.event_id] = row


def _started_runs(workflow_id: str, events: Iterable[HistoryEvent]) -> Iterator[tuple[str, str]]:
    """Yield the workflow id and run id of each run that a run started."""
    for event in events:
        if event.HasField("child_workflow_execution_started_event_attributes"):
            child = event.child_workflow_execution_started_event_attributes.workflow_execution
            yield child.workflow_id, child.run_id
        elif event.HasField("workflow_execution_continued_as_new_event_attributes"):
            new = event.workflow_execution_continued_as_new_event_attributes
            yield workflow_id, new.new_execution_run_id


def _requested_tools(event: HistoryEvent) -> set[str]:
    """Return the names of the functions that a completed model call asks for."""
    payloads = event.activity_task_completed_event_attributes.result.payloads
    return {name for payload in payloads for name in _function_calls(_decode(payload))}


def _function_calls(value: object) -> Iterator[str]:
    if isinstance(value, dict) and value.get("type") == "function_call":
        yield str(value.get("name"))
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _function_calls(item)


async def _decode_payloads(codec: PayloadCodec, messages: Iterable[Message]) -> None:
    """Replace the payloads in messages by decrypted ones."""
    from durable_agents.encryption import payloads_in  # imported before, with the codec

    for payload in chain.from_iterable(map(payloads_in, messages)):
        payload.CopyFrom((await codec.decode([payload]))[0])


def _decode(payload: Payload) -> object:
    """Return the value of a payload; None if it is encrypted or not JSON."""
    try:
        return json.loads(payload.data)
    except ValueError:
        return None
