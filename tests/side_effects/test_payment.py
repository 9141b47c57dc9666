"""A payment happens once although the model plans again."""

from datetime import timedelta
from pathlib import Path

import pytest
from agents.testing import ScriptedModel

from side_effects.local_provider import LocalPayments
from side_effects.provider import Declined, Receipt
from side_effects.run_payment_workflow import main
from side_effects.run_worker import build_worker
from tests.harness.workers import failure_of, input_texts, serving
from tests.side_effects.ledgers import charges, model_that_calls, pay
from tests.side_effects.payments import report_of, start


@pytest.mark.parametrize("account", ["acct_late", "acct_crash"])
async def test_lost_answer_and_other_words_charge_once(account: str, ledger: Path) -> None:
    name = "Ada Lovelace" if account == "acct_late" else "Linus Pauling"
    model = model_that_calls(
        pay("1", name.split()[0], "10"),
        pay("2", name.upper(), "10.00 EUR"),
        pay("3", name.split()[1], "€10.0"),
    )
    report = await report_of(model)
    assert charges(ledger) == {(account, 1000): 1}
    assert report.statement == ["R-0001: 10.00 EUR"]
    *earlier, last = input_texts(model.calls[3])[1:]
    if account == "acct_late":
        unknown = "has an unknown outcome, it may have been paid: the provider did not"
        assert unknown in earlier[0]
    assert all("receipt R-0001; nothing was charged now" in text for text in [*earlier[1:], last])


async def test_identical_calls_at_once_charge_once(ledger: Path) -> None:
    model = model_that_calls([pay("1", "Grace", "10"), pay("2", "Hopper", "10.0")])
    await report_of(model)
    assert charges(ledger) == {("acct_plain", 1000): 1}
    outputs = sorted(input_texts(model.calls[1])[1:])
    assert "was paid before, receipt R-0001" in outputs[0]
    assert "was paid, receipt R-0001" in outputs[1]


async def test_other_amount_or_payee_is_another_payment(ledger: Path) -> None:
    model = model_that_calls(
        pay("1", "Grace", "10"), pay("2", "Grace", "10.01"), pay("3", "Linus", "10")
    )
    await report_of(model)
    assert charges(ledger) == {
        ("acct_plain", 1000): 1,
        ("acct_plain", 1001): 1,
        ("acct_crash", 1000): 1,
    }


async def test_declined_payment_is_not_done_and_may_be_tried_again(ledger: Path) -> None:
    model = model_that_calls(pay("1", "Alan", "10"), pay("2", "Turing", "10"))
    await report_of(model)
    assert not charges(ledger)
    outputs = input_texts(model.calls[2])[1:]
    assert outputs == ["was not done: the account was declined"] * 2


UNCLEAR = [
    ("Mallory", "10", "recipient 'Mallory' is not one of Ada Lovelace"),
    ("", "10", "recipient '' is not one of"),
    ("Ada", "ten", "amount 'ten' is not an amount of 0.01 to 10,000.00 euros"),
    ("Ada", "0", "amount '0' is not"),
    ("Ada", "-5", "amount '-5' is not"),
    ("Ada", "1e3", "amount '1e3' is not"),
    ("Ada", "0.001", "amount '0.001' is not"),
    ("Ada", "10000.01", "amount '10000.01' is not"),
]


async def test_unclear_payments_are_reported_to_the_model(ledger: Path) -> None:
    model = model_that_calls([pay(reason, *words) for *words, reason in UNCLEAR])
    await report_of(model)
    assert not charges(ledger)
    outputs = input_texts(model.calls[1])[1:]
    for output, (*_, reason) in zip(outputs, UNCLEAR, strict=True):
        assert output.startswith(f"was not done: {reason}")


async def test_invalid_arguments_fail_the_workflow() -> None:
    async with serving(build_worker, ScriptedModel([])) as client:
        cause = await failure_of(main("  "))
        assert (cause.type, cause.message) == ("InvalidInput", "request is empty")
        handle = await start(client, timedelta())
        with pytest.raises(Exception, match="Workflow execution failed") as failure:
            await handle.result()
        assert "consent_timeout is 0:00:00" in str(failure.value.__cause__)


async def test_payment_is_reported_although_the_ledger_cannot_be_read(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(self: LocalPayments, reference: str) -> list[Receipt]:
        raise Declined("the archive is closed")

    monkeypatch.setattr(LocalPayments, "statement", fail)
    async with serving(build_worker, model_that_calls(pay("1", "Grace", "10"))):
        await main("Pay Grace.")
    assert charges(ledger) == {("acct_plain", 1000): 1}
    assert capsys.readouterr().out.splitlines()[-1] == "The provider's ledger could not be read."
