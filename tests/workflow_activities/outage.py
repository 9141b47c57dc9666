"""Sends messages while the database is down, and checks the rows afterwards."""

import asyncio
from collections.abc import Awaitable, Callable

from sample_cli.processes import until
from tests.harness.workers import serving
from tests.workflow_activities.conversations import (
    Handle,
    end,
    outcomes,
    replies,
    rows,
    say,
    start,
)
from workflow_activities.run_worker import build_worker
from workflow_activities.storage import BATCHES, TURNS

TEXTS = ("one", "two", "three")


def is_retrying(handle: Handle) -> Callable[[], Awaitable[bool]]:
    """Return a condition: an activity has failed several times and is still retried."""

    async def condition() -> bool:
        pending = (await handle.describe()).raw_description.pending_activities
        return any(activity.attempt > 4 for activity in pending)

    return condition


def saved(handle: Handle, number: int) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        return ("save", number, "done") in await outcomes(handle)

    return condition


async def talk_while_down(url: str, restore: Callable[[], object]) -> None:
    """Send messages while the database is down; call `restore`; check the rows."""
    model = replies("A.", "B.", "C.")
    async with serving(build_worker, model) as client:
        handle = await start(client)
        async with asyncio.timeout(10):
            assert [await say(handle, text) for text in TEXTS] == ["A.", "B.", "C."]
        await until(is_retrying(handle))
        done = [(kind, turn) for kind, turn, outcome in await outcomes(handle) if outcome == "done"]
        assert done == [("notification", 1), ("notification", 2), ("notification", 3)]
        await asyncio.to_thread(restore)
        report = await end(handle)
    assert [(row.message, row.reply) for row in await rows(url, TURNS)] == [
        ("one", "A."),
        ("two", "B."),
        ("three", "C."),
    ]
    assert len(await rows(url, BATCHES)) == 1
    assert (report.turns, report.batches) == (3, 1)
    assert len(model.calls) == 3
