"""A trip that is stopped or cancelled undoes its bookings, also those that are in flight."""

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import CancelledError

from side_effects.local_provider import LocalBookings
from side_effects.provider import Declined
from side_effects.run_trip_workflow import main
from side_effects.run_worker import build_worker
from side_effects.workflows.trip import TripWorkflow
from tests.harness.workers import promptly, serving
from tests.side_effects.trips import HeldModel, book, entries, model_that_books, start

FLIGHT = ["booked FLIGHT-OSLO", "cancelled FLIGHT-OSLO"]


async def test_stop_during_a_model_call_undoes_the_bookings(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = HeldModel("OSLO")
    async with serving(build_worker, held.model) as client:
        handle = await start(client)
        await held.called.wait()
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update(TripWorkflow.stop, " ")
        await main(trip_id=handle.id, stop=True, by="Ada")
        async with asyncio.timeout(5):
            await held.cancelled.wait()
    assert entries(ledger) == FLIGHT
    assert "undone     FLIGHT-OSLO: cancelled\nstopped by Ada\n" in capsys.readouterr().out


async def test_cancelled_trip_is_undone_before_it_closes(ledger: Path) -> None:
    held = HeldModel("OSLO")
    async with serving(build_worker, held.model) as client:
        handle = await start(client)
        await held.called.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert entries(ledger) == FLIGHT


class HeldRequest:
    """Holds the first request to a method of the provider on its way until it is released.

    Attributes:
        request: It; also arrives if the activity that has sent it was cancelled meanwhile.
    """

    request: asyncio.Task[object]

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
        self.sent, self.release = asyncio.Event(), asyncio.Event()
        original = getattr(LocalBookings, method)

        async def arrive(bookings: LocalBookings, *arguments: str) -> object:
            await self.release.wait()
            return await original(bookings, *arguments)

        async def send(bookings: LocalBookings, *arguments: str) -> object:
            if self.sent.is_set():
                return await original(bookings, *arguments)
            self.request = asyncio.create_task(arrive(bookings, *arguments))
            self.sent.set()
            return await asyncio.shield(self.request)

        monkeypatch.setattr(LocalBookings, method, send)


async def test_request_that_arrives_after_its_compensation_books_nothing(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = HeldRequest(monkeypatch, "book")
    async with serving(build_worker, model_that_books(book("OSLO", "CAR"))) as client:
        handle = await start(client)
        await booking.sent.wait()
        assert await handle.execute_update(TripWorkflow.stop, "Ada")
        report = await handle.result()
        booking.release.set()
        with pytest.raises(Declined, match="the booking was cancelled"):
            await booking.request
    assert (report.is_booked, report.message) == (False, "stopped by Ada")
    assert entries(ledger) == ["cancelled an unused key"]


async def test_cancellation_and_stop_do_not_interrupt_undoing(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancellation = HeldRequest(monkeypatch, "cancel")
    model = model_that_books(book("OSLO", "FLIGHT"), book("OSLO", "CAR"), is_complete=False)
    async with serving(build_worker, model) as client:
        handle = await start(client)
        await cancellation.sent.wait()
        await handle.cancel()
        assert not await handle.execute_update(TripWorkflow.stop, "Ada")
        cancellation.release.set()
        report = await promptly(handle.result(), "the trip")
    assert not report.is_booked
    booked = ["booked FLIGHT-OSLO", "booked CAR-OSLO"]
    assert entries(ledger) == [*booked, "cancelled CAR-OSLO", "cancelled FLIGHT-OSLO"]


async def test_cancellation_of_a_complete_trip_is_too_late(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = HeldRequest(monkeypatch, "statement")
    async with serving(build_worker, model_that_books(book("OSLO", "CAR"))) as client:
        handle = await start(client)
        await reading.sent.wait()
        await handle.cancel()
        assert not await handle.execute_update(TripWorkflow.stop, "Ada")
        reading.release.set()
        assert (await promptly(handle.result(), "the trip")).is_booked
    assert entries(ledger) == ["booked CAR-OSLO"]
