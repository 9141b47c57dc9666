"""A second payment of the same amount to the same payee needs a person's consent."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowUpdateFailedError

from sample_cli.processes import until
from side_effects.run_payment_workflow import main
from side_effects.run_worker import build_worker
from side_effects.terminal import Handle
from side_effects.workflows.payment import PaymentWorkflow
from tests.harness.workers import input_texts, serving, serving_on_skipped_time
from tests.side_effects.ledgers import charges, model_that_calls, pay, pay_again
from tests.side_effects.payments import pending, rejection, start


@pytest.mark.parametrize("allow", [True, False])
async def test_person_decides_on_a_second_payment(
    allow: bool, ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = model_that_calls(pay("1", "Grace", "10"), pay_again("2", "Grace", "10"))
    async with serving(build_worker, model):
        await main("Pay Grace twice.", allow=allow, by="Ada")
    assert charges(ledger) == {("acct_plain", 1000): 2 if allow else 1}
    verdict = "allowed" if allow else "refused"
    shown = capsys.readouterr().out
    assert f"A second payment of 10.00 EUR to Grace Hopper was {verdict} by Ada." in shown
    output = input_texts(model.calls[2])[-1]
    assert ("was paid, receipt R-0002" if allow else "was not done: A second") in output
    model.assert_complete()


async def test_no_decision_in_time_is_a_refusal_and_a_late_one_is_rejected(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_that_calls(
        pay("1", "Grace", "10"),
        pay_again("2", "Grace", "10"),
        pay_again("3", "Grace", "10"),
    )
    async with serving_on_skipped_time(build_worker, model, monkeypatch) as (client, skipping):
        handle = await start(client, timedelta(hours=1))
        await until(lambda: is_pending(handle, "consent-1"))
        assert "request 'consent-9' is not pending" in await rejection(handle, "consent-9")
        assert "blank" in await rejection(handle, "consent-1", by=" ")
        await skipping.sleep(timedelta(minutes=61))
        await until(lambda: is_pending(handle, "consent-2"))
        assert "because nobody decided in time" in await rejection(handle, "consent-1")
        allowing = [
            handle.execute_update(PaymentWorkflow.decide, args=["consent-2", True, name])
            for name in ("Ada", "Grace")
        ]
        first, second = await asyncio.gather(*allowing, return_exceptions=True)
        assert isinstance(first, WorkflowUpdateFailedError) != isinstance(
            second, WorkflowUpdateFailedError
        )
        report = await handle.result()
    assert [consent.allowed for consent in report.consents] == [False, True]
    assert charges(ledger) == {("acct_plain", 1000): 2}


async def test_payment_beyond_the_limit_is_refused_with_this_reason(ledger: Path) -> None:
    model = model_that_calls(
        *([pay_again(f"{turn}-{n}", "Grace", "10") for n in range(4)] for turn in range(3))
    )
    async with serving(build_worker, model) as client:
        handle = await start(client, timedelta(seconds=1))
        await handle.result()
    outputs = input_texts(model.calls[3])[1:]
    reason = "because 10 second payments were requested before, which is the limit."
    assert sum("nobody decided in time" in output for output in outputs) == 10
    assert sum(output.endswith(reason) for output in outputs) == 2
    assert not charges(ledger)


async def is_pending(handle: Handle, id: str) -> bool:
    return await pending(handle) == [id]
