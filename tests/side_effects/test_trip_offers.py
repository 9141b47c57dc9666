"""What a trip books: each offer once, nothing unknown, and nothing if the input is invalid."""

from datetime import timedelta
from pathlib import Path

import pytest
from agents.testing import ScriptedModel, function_call
from temporalio.client import WorkflowFailureError

from side_effects.local_provider import LocalBookings
from side_effects.provider import Declined
from side_effects.run_trip_workflow import main
from side_effects.run_worker import build_worker
from tests.harness.workers import failure_of, input_texts, serving
from tests.side_effects.trips import book, entries, events, model_that_books, report_of, start


async def test_same_offer_is_booked_once(ledger: Path) -> None:
    twice = [*book("OSLO", "CAR"), *book("OSLO", "CAR")]
    model = model_that_books(twice, book("OSLO", "CAR"))
    report = await report_of(model)
    assert entries(ledger) == ["booked CAR-OSLO"]
    assert events(report) == ["done CAR-OSLO"]
    assert input_texts(model.calls[2])[-1] == "CAR-OSLO is booked, receipt B-0001."


UNKNOWN = {
    "CAR-ATLANTIS": "there is no offer CAR-ATLANTIS",
    "the blue one": "offer must be an id that find_offers returns",
    "../../charges": "offer must be an id that find_offers returns",
}


async def test_unknown_offers_are_reported_to_the_model(ledger: Path) -> None:
    calls = [function_call("book", {"offer": offer}, call_id=offer) for offer in UNKNOWN]
    model = model_that_books([*calls], is_complete=False)
    await report_of(model)
    assert not [entry for entry in entries(ledger) if entry.startswith("booked")]
    outputs = input_texts(model.calls[1])[1:]
    assert outputs == [f"was not done: {reason}" for reason in UNKNOWN.values()]


async def test_trip_stays_booked_although_the_ledger_cannot_be_read(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(self: LocalBookings, reference: str) -> list[str]:
        raise Declined("the archive is closed")

    monkeypatch.setattr(LocalBookings, "statement", fail)
    async with serving(build_worker, model_that_books(book("OSLO", "CAR"))):
        await main("Oslo.")
    assert entries(ledger) == ["booked CAR-OSLO"]
    shown = capsys.readouterr().out.splitlines()
    assert shown[-2:] == ["That is all.", "The provider's ledger could not be read."]


async def test_invalid_arguments_fail_the_workflow_before_anything_is_booked(ledger: Path) -> None:
    model = ScriptedModel([])
    async with serving(build_worker, model) as client:
        cause = await failure_of(main("  "))
        assert (cause.type, cause.message) == ("InvalidInput", "request is empty")
        for timeout in (timedelta(), timedelta(days=366)):
            with pytest.raises(WorkflowFailureError) as failure:
                await (await start(client, timeout)).result()
            assert "decision_timeout is" in str(failure.value.cause)
    assert not model.calls
    assert not entries(ledger)
