"""The billable actions of a run are those that the server counts."""

import asyncio
import re
from pathlib import Path
from urllib.request import urlopen

import pytest
from temporalio.api.history.v1 import (
    HistoryEvent,
    MarkerRecordedEventAttributes,
    UpsertWorkflowSearchAttributesEventAttributes,
    WorkflowExecutionSignaledEventAttributes,
    WorkflowExecutionStartedEventAttributes,
    WorkflowTaskCompletedEventAttributes,
)
from temporalio.client import Client
from temporalio.worker import Worker

from sample_cli.history_timeline import runs
from sample_cli.processes import free_port, until
from sample_cli.run_costs import actions
from sample_cli.temporal_server import own_server
from tests.sample_cli.recorded import recorded, run_with
from tests.sample_cli.trip import Leg, Trip, ask_model, get_weather, save

ACTION = re.compile(r'^action{[^}]*namespace="default"[^}]*} (\d+)$', re.MULTILINE)


SIGNAL = WorkflowExecutionSignaledEventAttributes(signal_name="go")
PATCH = MarkerRecordedEventAttributes(marker_name="core_patch", workflow_task_completed_event_id=4)
CHANGE_VERSION = UpsertWorkflowSearchAttributesEventAttributes()
CHANGE_VERSION.search_attributes.indexed_fields["TemporalChangeVersion"].data = b"[]"
LOCAL_RETRIES = WorkflowTaskCompletedEventAttributes()
LOCAL_RETRIES.metering_metadata.nonfirst_local_activity_execution_attempts = 500
CONTINUED_CHILD = WorkflowExecutionStartedEventAttributes(continued_execution_run_id="first")
CONTINUED_CHILD.parent_workflow_execution.workflow_id = "parent"


async def make_trip(client: Client) -> None:
    """Run a workflow with retries, a signal, an update, a child, and a continue-as-new."""
    work = [ask_model, get_weather, save]
    async with Worker(client, task_queue="trip", workflows=[Trip, Leg], activities=work):
        handle = await client.start_workflow(Trip.run, False, id="trip", task_queue="trip")
        with pytest.raises(Exception, match="update"):
            await handle.execute_update(Trip.rename, "Sora")
        await handle.signal(Trip.go)
        await handle.result()


async def test_actions_are_those_that_the_server_counts(tmp_path: Path) -> None:
    port = free_port()

    async def server_counts_ten() -> bool:
        with await asyncio.to_thread(urlopen, f"http://127.0.0.1:{port}/metrics") as answer:
            return sum(map(int, ACTION.findall(answer.read().decode()))) == 10

    async with own_server(tmp_path, options=["--metrics-port", str(port)]) as server:
        client = await server.client()
        await make_trip(client)
        found = await runs(client)
        # Two starts, three activities, a retry, a signal, an update, and two for the child.
        assert sum(map(actions, found)) == 10
        await asyncio.wait_for(until(server_counts_ten), 10)  # it reports each second


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("basic/hello_world", 2),  # the start, and a model call
        ("basic/tools", 4),
        ("conversations/chat", 9),  # with one idle timer
        ("customer_service/customer_service", 24),  # with local activities and search attributes
        ("sub_agents/fleet.2", 1),  # a child, whose start its parent has counted
    ],
)
def test_actions_of_recorded_runs(sample: str, expected: int) -> None:
    assert actions(recorded(sample)) == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (HistoryEvent(event_id=2, workflow_execution_signaled_event_attributes=SIGNAL), 0),
        (HistoryEvent(event_id=9, workflow_execution_signaled_event_attributes=SIGNAL), 1),
        (HistoryEvent(event_id=9, marker_recorded_event_attributes=PATCH), 0),
        (HistoryEvent(upsert_workflow_search_attributes_event_attributes=CHANGE_VERSION), 0),
        (HistoryEvent(workflow_task_completed_event_attributes=LOCAL_RETRIES), 100),
        (HistoryEvent(workflow_execution_started_event_attributes=CONTINUED_CHILD), 1),
    ],
    ids=["signal-with-start", "signal", "patch", "version", "local retries", "continued child"],
)
def test_actions_of_an_event(event: HistoryEvent, expected: int) -> None:
    assert actions(run_with([event])) == expected


def test_local_activities_of_one_workflow_task_cost_one_action() -> None:
    local = MarkerRecordedEventAttributes(
        marker_name="core_local_activity", workflow_task_completed_event_id=4
    )
    markers = [HistoryEvent(event_id=n, marker_recorded_event_attributes=local) for n in (5, 6)]
    assert actions(run_with(markers)) == 1
