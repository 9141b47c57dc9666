"""Counts what runs cost: the billable actions of Temporal Cloud, and the tokens of model calls.

Actions are counted as Temporal's Web UI counts them (docs.temporal.io/cloud/actions). A history
does not show queries, heartbeats, rejected updates, schedules, and exports, which cost more.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sample_cli.history_timeline import MODEL_CALLS, Run

if TYPE_CHECKING:  # importing temporalio takes 0.3 s, which would delay the server's start
    from temporalio.api.common.v1 import Payloads
    from temporalio.api.history.v1 import HistoryEvent

# Events that cost an action each.
BILLED = re.compile(
    "workflow_execution_(started|signaled|update_accepted|options_updated)"
    "|activity_task_scheduled|timer_started|upsert_workflow_search_attributes"
    "|nexus_operation_(scheduled|cancel_requested)"
)
CHILD = "start_child_workflow_execution_initiated"  # costs two
FREE_MARKERS = {"core_patch", "Version"}  # of workflow.patched()
MAX_LOCAL_RETRIES = 100  # that are billed for a workflow task


def cost_text(runs: Sequence[Run]) -> str:
    """Return the billable actions and the tokens of runs, in one line."""
    count, used = sum(map(actions, runs)), sum(map(tokens, runs), Counter[str]())
    text = f"{count:,} billable action{'' if count == 1 else 's'}"
    if used["input"] or used["output"]:
        cached = f" ({used['cached']:,} cached)" if used["cached"] else ""
        text += f"; tokens: {used['input']:,} input{cached}, {used['output']:,} output"
    if used["unread"]:
        text += f"; model calls without readable usage: {used['unread']:,}"
    return text


def actions(run: Run) -> int:
    """Return the billable actions that the history of a run shows."""
    billed, markers = sum(max(0, row.attempts - 1) for row in run.rows), set[int]()
    for event in run.history:
        kind = (event.WhichOneof("attributes") or "").removesuffix("_event_attributes")
        billed += 2 * (kind == CHILD) + bool(BILLED.fullmatch(kind) and not _is_free(event))
        metered = event.workflow_task_completed_event_attributes.metering_metadata
        billed += min(metered.nonfirst_local_activity_execution_attempts, MAX_LOCAL_RETRIES)
        marker = event.marker_recorded_event_attributes
        if marker.marker_name and marker.marker_name not in FREE_MARKERS:
            markers.add(marker.workflow_task_completed_event_id)
    return billed + len(markers)  # all markers of a workflow task cost one action


def tokens(run: Run) -> Counter[str]:
    """Return the tokens of completed model calls: `input`, of these `cached`, and `output`.

    `unread` counts calls whose result has no usage, is encrypted, or is stored elsewhere.
    """
    calls, used = set[int](), Counter[str]()
    for event in run.history:
        if event.activity_task_scheduled_event_attributes.activity_type.name in MODEL_CALLS:
            calls.add(event.event_id)
        ended = event.activity_task_completed_event_attributes
        used += _usage(ended.result) if ended.scheduled_event_id in calls else Counter()
    return used


def _is_free(event: HistoryEvent) -> bool:
    started = event.workflow_execution_started_event_attributes
    if started.HasField("parent_workflow_execution"):
        return not started.continued_execution_run_id  # counted by the parent
    if event.HasField("workflow_execution_signaled_event_attributes"):
        return event.event_id == 2  # signal-with-start costs one action
    attributes = event.upsert_workflow_search_attributes_event_attributes.search_attributes
    return set(attributes.indexed_fields) == {"TemporalChangeVersion"}


def _usage(result: Payloads) -> Counter[str]:
    """Return the tokens of a model call, whose result is a response or the events of a stream."""
    try:
        value = json.loads(result.payloads[0].data)
        usage = (value[-1]["response"] if isinstance(value, list) else value)["usage"]
        cached = (usage.get("input_tokens_details") or {}).get("cached_tokens") or 0
        return Counter(input=usage["input_tokens"], cached=cached, output=usage["output_tokens"])
    except (AttributeError, LookupError, TypeError, ValueError):
        return Counter(unread=1)
