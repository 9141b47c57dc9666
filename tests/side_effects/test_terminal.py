"""A person at a terminal decides: on a second payment, and on a booking that stays booked."""

from pathlib import Path

import pytest

from side_effects import run_payment_workflow, run_trip_workflow
from side_effects.provider import Declined
from side_effects.run_worker import build_worker
from tests.harness.terminal import CTRL_D, at_terminal
from tests.harness.workers import serving
from tests.side_effects.ledgers import charges, model_that_calls, pay, pay_again
from tests.side_effects.trips import book, entries, fail_to_cancel, model_that_books

BOOKED = ["booked FLIGHT-OSLO", "booked CAR-OSLO"]


@pytest.mark.parametrize(
    ("keys", "verdict"),
    [
        ("y\n", "allowed"),
        ("\n", "refused"),
        pytest.param("yes\n", "allowed", marks=pytest.mark.exhaustive),
        pytest.param("n\n", "refused", marks=pytest.mark.exhaustive),
    ],
)
async def test_typed_answer_decides_on_a_second_payment(
    keys: str, verdict: str, ledger: Path
) -> None:
    model = model_that_calls(pay("1", "Grace", "10"), pay_again("2", "Grace", "10"))
    paying = run_payment_workflow.main("Pay twice.", by="Ada")
    async with serving(build_worker, model), at_terminal(paying) as person:
        await person.types("", sees="a second time: Dinner.\nAllow? [y/N] ")
        assert charges(ledger) == {("acct_plain", 1000): 1}
        await person.types(keys)
    assert f"was {verdict} by Ada." in person.screen
    assert charges(ledger) == {("acct_plain", 1000): 2 if verdict == "allowed" else 1}


async def test_leaving_the_prompt_refuses_the_second_payment(ledger: Path) -> None:
    model = model_that_calls(pay("1", "Grace", "10"), pay_again("2", "Grace", "10"))
    paying = run_payment_workflow.main("Pay twice.", by="Ada")
    async with serving(build_worker, model), at_terminal(paying) as person:
        await person.types("", sees="Allow? [y/N] ")
        await person.types(CTRL_D)
    assert "was refused by Ada." in person.screen
    assert charges(ledger) == {("acct_plain", 1000): 1}


@pytest.mark.parametrize("keys", ["t\n", "r\n"])
async def test_typed_answer_decides_on_what_could_not_be_cancelled(
    keys: str, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_to_cancel(monkeypatch, Declined("the desk is closed"), times=1)
    model = model_that_books(book("OSLO", "FLIGHT"), book("OSLO", "CAR"), is_complete=False)
    prompt = "CAR-OSLO is still booked. [t]ry again, or [r]esolved? "
    booking = run_trip_workflow.main("Oslo.", by="Ada")
    async with serving(build_worker, model), at_terminal(booking) as person:
        await person.types("", sees=prompt)
        await person.types("what?\n", sees=prompt)
        await person.types(keys)
    expected = "undone     CAR-OSLO: cancelled" if keys == "t\n" else "resolved   CAR-OSLO: by Ada"
    assert expected in person.screen.splitlines()
    undone = ["cancelled FLIGHT-OSLO", *(["cancelled CAR-OSLO"] if keys == "t\n" else [])]
    assert entries(ledger) == [*BOOKED, *undone]


async def test_starter_without_a_terminal_says_how_to_decide_later(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_to_cancel(monkeypatch, Declined("the desk is closed"), times=2)
    model = model_that_books(book("OSLO", "CAR"), is_complete=False)
    async with serving(build_worker, model):
        with pytest.raises(SystemExit, match="CAR-OSLO is still booked") as stopped:
            await run_trip_workflow.main("Oslo.")
        id = str(stopped.value).partition("--trip-id ")[2].split()[0]
        with pytest.raises(SystemExit, match="CAR-OSLO is still booked"):  # after one more failure
            await run_trip_workflow.main(trip_id=id, decide="retry", by="Ada")
        await run_trip_workflow.main(trip_id=id, decide="retry", by="Ada")
    assert capsys.readouterr().out.splitlines()[-3:-1] == [
        "undone     CAR-OSLO: cancelled",
        "That is all.",
    ]
    assert entries(ledger) == ["booked CAR-OSLO", "cancelled CAR-OSLO"]
