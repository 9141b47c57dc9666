"""The timeline of a run on a server, and how it is printed."""

import io
from uuid import uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from sample_cli.history_timeline import Row, Run, runs
from sample_cli.timeline_table import MAX_RUNS, show
from tests.sample_cli.trip import Leg, Trip, ask_model, get_weather, save

QUEUE = f"timeline-{uuid4().hex}"


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
    assert "\n9 billable actions; model calls without readable usage: 1\n" in text
    assert text.splitlines()[-1].startswith("All 3 runs: 10 billable actions; model calls")


def test_markup_in_names_and_failures_is_escaped() -> None:
    output = io.StringIO()
    row = Row(0, "tool", "[red]look[/red]", failure="[/] broken")
    run = Run("id", "run", "Type", Timestamp().ToDatetime(), 0, "running", "[/oops]", 1, 1, [row])
    show([run], Console(file=output, width=80))
    for text in ("[red]look[/red]", "[/] broken", "[/oops]"):
        assert text in output.getvalue()


def test_many_runs_of_a_type_are_counted() -> None:
    output = io.StringIO()
    at = Timestamp().ToDatetime()
    runs = [Run(f"id-{n}", "run", "Child", at, 0, "completed", "", 1, 1) for n in range(500)]
    show(runs, Console(file=output, width=80))
    assert output.getvalue().count("Child id-") == MAX_RUNS
    assert output.getvalue().endswith("\n495 more: Child\n\nAll 500 runs: 0 billable actions\n")
