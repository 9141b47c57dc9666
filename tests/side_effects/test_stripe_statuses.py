"""Payments with Stripe by status, without an answer, and in the statement of a reference."""

from contextlib import suppress

import pytest

from side_effects import stripe_payments
from side_effects.intents import resolve
from side_effects.provider import Declined, NoResponse
from side_effects.stripe_payments import StripePayments
from tests.side_effects.fake_stripe import KEY, FakeStripe

INTENT = resolve("Grace", "10")


async def test_charge_without_an_answer_in_time_has_an_unknown_outcome(stripe: FakeStripe) -> None:
    stripe.lost = 1
    with pytest.raises(NoResponse):
        await StripePayments(KEY).charge("key", INTENT, "trip")
    assert len(stripe.payments) == 1


async def test_payment_that_is_processing_is_neither_a_receipt_nor_made_again(
    stripe: FakeStripe,
) -> None:
    stripe.status, payments = "processing", StripePayments(KEY)
    for ask in (payments.charge("key", INTENT, "trip"), payments.find("key")):
        with pytest.raises(NoResponse, match="the payment is processing"):
            await ask


async def test_payment_that_needs_more_than_a_card_is_declined_and_not_found(
    stripe: FakeStripe,
) -> None:
    stripe.status, payments = "requires_action", StripePayments(KEY)
    with pytest.raises(Declined, match="the payment needs more than a card: requires_action"):
        await payments.charge("key", INTENT, "trip")
    assert await payments.find("key") is None


async def test_statement_lists_what_was_paid_for_a_reference_in_a_day(
    stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    payments = StripePayments(KEY)
    for number, reference in enumerate(["trip", "other", "trip", "trip", "trip"], 1):
        stripe.status = "canceled" if number == 4 else "succeeded"
        with suppress(Declined):
            await payments.charge(f"key-{number}", INTENT, reference)
    assert [each.receipt for each in await payments.statement("trip")] == ["pi_1", "pi_3", "pi_5"]
    stripe.payments[0]["created"] = 0
    assert [each.receipt for each in await payments.statement("trip")] == ["pi_3", "pi_5"]
    monkeypatch.setattr(stripe_payments, "MAX_STATEMENT", 2)
    assert [each.receipt for each in await payments.statement("trip")] == ["pi_5"]
