"""A trip is booked as a whole or not at all, as the provider's ledger shows."""

from functools import partial
from pathlib import Path

import pytest
from agents.testing import ModelStepSpec, ScriptedModel
from openai.types.responses import ResponseOutputMessage, ResponseOutputRefusal
from temporalio.worker import Worker

from side_effects import run_worker
from side_effects.run_trip_workflow import main
from side_effects.run_worker import build_worker
from tests.harness.workers import bad_request, failure_of, input_texts, serving
from tests.side_effects.trips import (
    book,
    entries,
    model_that_books,
    report_of,
)

OSLO = ["booked FLIGHT-OSLO", "booked HOTEL-OSLO", "booked CAR-OSLO"]
UNDONE = ["cancelled HOTEL-OSLO", "cancelled FLIGHT-OSLO"]


async def test_complete_trip_stays_booked_and_is_shown_in_order(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = model_that_books(book("OSLO", "FLIGHT"), book("OSLO", "HOTEL"), book("OSLO", "CAR"))
    async with serving(build_worker, model):
        await main("Oslo.")
    assert entries(ledger) == OSLO
    assert capsys.readouterr().out.splitlines() == [
        "done       FLIGHT-OSLO: B-0001",
        "done       HOTEL-OSLO: B-0002",
        "done       CAR-OSLO: B-0003",
        "That is all.",
        "In the provider's ledger: " + "; ".join(OSLO),
    ]


async def test_refused_booking_undoes_the_others_in_reverse_order(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Without a cache, the workflow is evicted and replayed at each step, also while it is undone.
    monkeypatch.setattr(run_worker, "Worker", partial(Worker, max_cached_workflows=0))
    model = model_that_books(
        book("BERGEN", "FLIGHT"), book("BERGEN", "HOTEL"), book("BERGEN", "CAR"), is_complete=False
    )
    async with serving(build_worker, model):
        await main("Bergen.")
    assert input_texts(model.calls[3])[-1] == "was not done: CAR-BERGEN is sold out"
    assert capsys.readouterr().out.splitlines()[:6] == [
        "done       FLIGHT-BERGEN: B-0001",
        "done       HOTEL-BERGEN: B-0002",
        "refused    CAR-BERGEN: CAR-BERGEN is sold out",
        "undone     CAR-BERGEN: there was no booking",
        "undone     HOTEL-BERGEN: cancelled",
        "undone     FLIGHT-BERGEN: cancelled",
    ]
    booked = ["booked FLIGHT-BERGEN", "booked HOTEL-BERGEN", "cancelled an unused key"]
    assert entries(ledger) == [*booked, "cancelled HOTEL-BERGEN", "cancelled FLIGHT-BERGEN"]


async def test_refused_booking_may_be_replaced_by_another(ledger: Path) -> None:
    report = await report_of(model_that_books(book("BERGEN", "CAR"), book("OSLO", "CAR")))
    assert report.is_booked
    assert entries(ledger) == report.statement == ["booked CAR-OSLO"]


REFUSAL = ResponseOutputMessage(
    id="msg_1",
    type="message",
    role="assistant",
    status="completed",
    content=[ResponseOutputRefusal(type="refusal", refusal="I cannot help with this.")],
)


@pytest.mark.parametrize(
    ("last", "type"),
    [(bad_request(), "BadRequestError"), ([REFUSAL], "ModelRefusalError")],
    ids=["failure", "refusal"],
)
async def test_failed_run_and_refusing_model_undo_the_bookings(
    last: ModelStepSpec, type: str, ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ScriptedModel([book("OSLO", "FLIGHT"), book("OSLO", "HOTEL"), last])
    async with serving(build_worker, model):
        cause = await failure_of(main("Oslo."))
    assert cause.type == type
    assert entries(ledger) == [*OSLO[:2], *UNDONE]
    assert capsys.readouterr().out.splitlines()[-1] == "undone     FLIGHT-OSLO: cancelled"
