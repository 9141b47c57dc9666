"""Starts trips, reads the provider's ledger of bookings, and builds models that book."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from agents.items import TResponseOutputItem as Call
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call
from temporalio.client import Client, WorkflowUpdateFailedError

from sample_cli.processes import until
from side_effects import TASK_QUEUE
from side_effects.local_provider import LocalBookings
from side_effects.run_worker import build_worker
from side_effects.trip_models import TripReport
from side_effects.trip_terminal import Handle
from side_effects.workflows.trip import TripWorkflow
from tests.harness.workers import serving


def book(city: str, *kinds: str) -> list[Call]:
    """Return calls of the tool `book`."""
    return [
        function_call("book", {"offer": f"{kind}-{city}"}, call_id=f"{kind}-{uuid4().hex[:8]}")
        for kind in kinds
    ]


def trip_answer(is_complete: bool, message: str = "That is all.") -> Call:
    """Return the model's last message."""
    return assistant_message(json.dumps({"is_complete": is_complete, "message": message}))


def model_that_books(*turns: list[Call], is_complete: bool = True) -> ScriptedModel:
    """Return a model that books turn by turn, then answers."""
    return ScriptedModel([*turns, [trip_answer(is_complete)]])


class HeldModel:
    """Books a flight, and hangs in its second call until it is cancelled."""

    def __init__(self, city: str) -> None:
        self.called = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.model = ScriptedModel([book(city, "FLIGHT"), ModelStep.respond(self._hang)])

    async def _hang(self, call: ModelCall) -> list[Call]:
        self.called.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()
        return []


async def start(client: Client, *timeout: timedelta) -> Handle:
    """Start a trip; decisions have `timeout` if it is given."""
    return await client.start_workflow(
        TripWorkflow.run,
        args=["Book.", *timeout],
        id=f"trip-{uuid4()}",
        task_queue=TASK_QUEUE,
    )


async def report_of(model: ScriptedModel) -> TripReport:
    """Run a trip on the real provider."""
    async with serving(build_worker, model) as client:
        return await (await start(client)).result()


async def stuck(handle: Handle, count: int) -> list[str]:
    """Wait until the trip needs this number of decisions; return the steps."""
    steps: list[str] = []

    async def is_stuck() -> bool:
        progress = await handle.query(TripWorkflow.get_progress)
        steps[:] = [entry.step for entry in progress.stuck]
        return len(steps) == count

    await until(is_stuck)
    return steps


async def rejection(handle: Handle, step: str, by: str = "Ada") -> str:
    """Return why the workflow rejects a decision."""
    with pytest.raises(WorkflowUpdateFailedError) as failure:
        await handle.execute_update(TripWorkflow.decide, args=[step, "retry", by])
    return str(failure.value.cause)


def entries(ledger: Path) -> list[str]:
    """Return what the provider booked and cancelled, in order."""
    if not ledger.exists():
        return []
    with closing(sqlite3.connect(ledger)) as connection:
        rows = connection.execute("SELECT entry, offer FROM bookings ORDER BY number").fetchall()
    return [f"{entry} {offer}" for entry, offer in rows]


def events(report: TripReport) -> list[str]:
    """Return the journal of a trip, without details."""
    return [f"{entry.event} {entry.name}" for entry in report.journal]


def fail_to_cancel(
    monkeypatch: pytest.MonkeyPatch, error: Exception, times: int | None = None
) -> list[str]:
    """Let cancellations fail, the first `times` or all; return a list of the keys, as they come."""
    keys, cancel = list[str](), LocalBookings.cancel

    async def fail(self: LocalBookings, key: str, reference: str) -> bool:
        keys.append(key)
        if times is None or len(keys) <= times:
            raise error
        return await cancel(self, key, reference)

    monkeypatch.setattr(LocalBookings, "cancel", fail)
    return keys
