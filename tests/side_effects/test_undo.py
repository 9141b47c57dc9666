"""Compensations: of unknown outcomes, retried, reported to a person, and bounded by a deadline."""

from datetime import timedelta
from pathlib import Path

import pytest
from agents.testing import ScriptedModel
from temporalio.client import WorkflowFailureError

from side_effects.provider import Declined, NoResponse
from side_effects.run_trip_workflow import main
from side_effects.run_worker import build_worker
from side_effects.workflows.trip import TripWorkflow
from tests.harness.workers import failure_of, input_texts, promptly, serving
from tests.side_effects.trips import (
    book,
    entries,
    events,
    fail_to_cancel,
    model_that_books,
    rejection,
    report_of,
    start,
    stuck,
)

BOOKED = ["booked FLIGHT-OSLO", "booked CAR-OSLO"]


def failing_trip() -> ScriptedModel:
    return model_that_books(book("OSLO", "FLIGHT"), book("OSLO", "CAR"), is_complete=False)


async def test_unknown_outcome_is_undone_although_the_model_claims_success(ledger: Path) -> None:
    model = model_that_books(book("TROMSO", "FLIGHT"), book("TROMSO", "HOTEL"))
    report = await report_of(model)
    assert "has an unknown outcome, HOTEL-TROMSO may be booked" in input_texts(model.calls[2])[-1]
    assert (report.is_booked, report.message) == (False, "the outcome is unknown: HOTEL-TROMSO")
    assert entries(ledger) == [
        *("booked FLIGHT-TROMSO", "booked HOTEL-TROMSO"),
        *("cancelled HOTEL-TROMSO", "cancelled FLIGHT-TROMSO"),
    ]


async def test_provider_that_dies_after_booking_is_asked_again(ledger: Path) -> None:
    report = await report_of(model_that_books(book("NARVIK", "FLIGHT")))
    assert report.is_booked
    assert entries(ledger) == ["booked FLIGHT-NARVIK"]


async def test_transient_failure_of_a_compensation_is_retried_with_the_same_key(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = fail_to_cancel(monkeypatch, NoResponse("ReadTimeout"), times=2)
    report = await report_of(failing_trip())
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert entries(ledger) == [*BOOKED, "cancelled CAR-OSLO", "cancelled FLIGHT-OSLO"]
    assert events(report)[2:] == ["undone CAR-OSLO", "undone FLIGHT-OSLO"]


async def test_person_retries_or_resolves_what_could_not_be_undone(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_to_cancel(monkeypatch, Declined("the desk is closed"), times=3)
    async with serving(build_worker, failing_trip()) as client:
        handle = await start(client)
        car, flight = await stuck(handle, 2)
        assert "step 'step-9' needs no decision; steps that do: step-2, step-1" in await rejection(
            handle, "step-9"
        )
        assert "blank" in await rejection(handle, car, by=" ")
        await handle.execute_update(TripWorkflow.decide, args=[car, "retry", "Ada"])  # fails again
        await stuck(handle, 2)
        await handle.execute_update(TripWorkflow.decide, args=[flight, "resolved", "Ada"])
        assert f"step '{flight}' needs no decision" in await rejection(handle, flight)
        await handle.execute_update(TripWorkflow.decide, args=[car, "retry", "Ada"])
        report = await handle.result()
    assert events(report)[2:] == [
        *("not undone CAR-OSLO", "not undone FLIGHT-OSLO", "not undone CAR-OSLO"),
        *("resolved FLIGHT-OSLO", "undone CAR-OSLO"),
    ]
    assert entries(ledger) == [*BOOKED, "cancelled CAR-OSLO"]


async def test_trip_fails_and_names_what_is_booked_when_nobody_decides_in_time(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_to_cancel(monkeypatch, Declined("the desk is closed"), times=1)
    async with serving(build_worker, failing_trip()) as client:
        handle = await start(client, timedelta(seconds=1))
        with pytest.raises(WorkflowFailureError):
            await promptly(handle.result(), "the trip")
        cause = await failure_of(main(trip_id=handle.id))  # asks nobody any more
    assert "not undone CAR-OSLO: the desk is closed" in capsys.readouterr().out
    assert cause.type == "NotUndone"
    assert cause.message == (
        "not undone: CAR-OSLO (the desk is closed). The run had ended with Abandoned: That is all."
    )
    assert entries(ledger) == [*BOOKED, "cancelled FLIGHT-OSLO"]
