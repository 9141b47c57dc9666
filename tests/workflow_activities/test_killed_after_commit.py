"""A worker killed between commit and completion leaves one row, which the retry finds."""

from durable_agents import connect

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest
from sqlalchemy import Table

from offline_model.server import OfflineModel
from sample_cli.processes import until
from tests.harness.forked_worker import Breakpoint, ForkedWorker
from tests.workflow_activities.conversations import Handle, end, outcomes, rows, say, start
from workflow_activities.storage import BATCHES, TURNS


class Point(NamedTuple):
    """An activity, its number in sequence, and the table it writes."""

    activity: str
    number: int
    table: Table


def notified(handle: Handle, turn: int) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return ("notification", turn, "done") in await outcomes(handle)

    return condition


async def attempts(handle: Handle, activity: str) -> list[int]:
    """Return the number of attempts of each activity of a type."""
    history = await handle.fetch_history()
    scheduled = {
        event.event_id
        for event in history.events
        if event.activity_task_scheduled_event_attributes.activity_type.name == activity
    }
    started = [event.activity_task_started_event_attributes for event in history.events]
    return [event.attempt for event in started if event.scheduled_event_id in scheduled]


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(Point("save_to_database", 2, TURNS), id="save_to_database"),
        pytest.param(
            Point("process_batch", 10, BATCHES), id="process_batch", marks=pytest.mark.exhaustive
        ),
    ],
)
async def test_killed_activity_leaves_one_row_when_it_is_retried(
    point: Point, url: str, model: OfflineModel
) -> None:
    handle = await start(await connect())
    with ForkedWorker("workflow_activities", Breakpoint(point.number, "after")) as worker:
        for turn in range(1, 1 if point.table is TURNS else 4):
            await say(handle, f"Chair {turn} is blue.")
            await until(notified(handle, turn))
        if point.table is TURNS:
            await say(handle, "Chair 1 is blue.")

        async def is_halted() -> bool:
            return bool(worker.halted)

        await until(is_halted)
        [before] = await rows(url, point.table)
        worker.kill()
    with ForkedWorker("workflow_activities"):
        report = await end(handle)
    assert await rows(url, point.table) == [before]
    assert (await attempts(handle, point.activity))[0] > 1
    assert len(model.calls) == report.turns
