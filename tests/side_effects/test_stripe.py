"""Payments with Stripe, against a local server with its API: charged once, errors classified."""

import logging

import pytest
import typer
from temporalio.exceptions import ApplicationError

from side_effects.intents import resolve
from side_effects.local_provider import LocalServer, payment_provider
from side_effects.provider import Declined, NoResponse
from side_effects.run_worker import build_worker
from side_effects.stripe_payments import StripePayments
from tests.harness.workers import input_texts, serving
from tests.side_effects.fake_stripe import KEY, FakeStripe
from tests.side_effects.ledgers import model_that_calls, pay
from tests.side_effects.payments import start

INTENT = resolve("Grace", "10")


async def test_lost_answer_and_other_words_charge_once_and_no_key_is_recorded(
    stripe: FakeStripe, caplog: pytest.LogCaptureFixture
) -> None:
    stripe.lost, stripe.is_indexed = 2, False  # its search is a minute behind
    model = model_that_calls(pay("1", "Grace", "10"), pay("2", "HOPPER", "10.00 EUR"))
    with caplog.at_level(logging.DEBUG):
        async with serving(build_worker, model) as client:
            handle = await start(client)
            report = await handle.result()
    assert [payment["amount"] for payment in stripe.payments] == [1000]
    assert report.statement == ["pi_1: 10.00 EUR"]
    assert "receipt pi_1" in input_texts(model.calls[2])[-1]
    history = await handle.fetch_history()
    assert not any(KEY.encode() in event.SerializeToString() for event in history.events)
    assert KEY not in caplog.text


async def test_payment_is_found_by_its_metadata_after_stripe_has_forgotten_the_key(
    stripe: FakeStripe,
) -> None:
    payments = StripePayments(KEY)
    receipt = await payments.charge("key-1", INTENT, "trip")
    assert await payments.charge("key-1", INTENT, "trip") == receipt
    stripe.forget_keys()
    assert await payments.find("key-1") == receipt
    assert await payments.find("key-2") is None
    assert len(stripe.payments) == 1


async def test_declined_card_is_reported_to_the_model(stripe: FakeStripe) -> None:
    model = model_that_calls(pay("1", "Alan", "10"))
    async with serving(build_worker, model) as client:
        assert (await (await start(client)).result()).statement == []
    expected = "was not done: Stripe refused: Your card was declined."
    assert input_texts(model.calls[1])[-1] == expected


@pytest.mark.parametrize("status", [401, 403])
async def test_rejected_key_is_a_refusal_that_does_not_show_it(
    status: int, stripe: FakeStripe
) -> None:
    stripe.errors = [(status, {"error": {"type": "x", "message": f"Bad {KEY}"}})]
    with pytest.raises(Declined, match="Stripe refused: it does not accept the worker's key"):
        await StripePayments(KEY).charge("key", INTENT, "trip")
    with pytest.raises(Declined, match="it does not accept the worker's key"):
        await StripePayments("sk_test_revoked").charge("key", INTENT, "trip")
    assert not stripe.payments


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (400, "invalid_request_error", Declined),
        (400, "idempotency_error", ApplicationError),
        (409, "invalid_request_error", NoResponse),
        (429, "rate_limit_error", NoResponse),
        (500, "api_error", NoResponse),
    ],
)
async def test_errors_are_sorted_into_refusals_and_unknown_outcomes(
    status: int, kind: str, error: type[ApplicationError], stripe: FakeStripe
) -> None:
    stripe.errors = [(status, {"error": {"type": kind, "message": "No."}})]
    with pytest.raises(error) as failure:
        await StripePayments(KEY).charge("key", INTENT, "trip")
    assert failure.value.non_retryable == (error is not NoResponse)
    assert len(stripe.requests) == 1, "the client retries as well"


@pytest.mark.parametrize("key", ["sk_live_123", "pk_test_123", "sk_test_\u00e9", "nonsense"])
def test_key_of_another_mode_is_refused_at_start_without_showing_it(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", key)
    with pytest.raises(typer.BadParameter, match="not a key of Stripe's test mode") as refused:
        payment_provider(LocalServer())
    assert key not in refused.value.format_message()
