"""Payments with Stripe, in test mode: a PaymentIntent for each key, found again by its metadata."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

import stripe
import typer
from temporalio.exceptions import ApplicationError

from side_effects.models import Intent
from side_effects.provider import Declined, NoResponse, Receipt

T = TypeVar("T")

REQUEST_TIMEOUT = 4  # seconds; shorter than the lease of a claim, and two fit into the activity
STATEMENT_PERIOD = 24 * 3600  # seconds
MAX_STATEMENT = 1_000  # payments of the account
TEST_KEYS = ("sk_test_", "rk_test_")

# The accounts of intents.py as Stripe's test cards. These need a key of the test mode.
CARDS = {"acct_declined": "pm_card_visa_chargeDeclined"}
DEFAULT_CARD = "pm_card_visa"

# The request or the account is at fault, and nothing was charged.
REFUSED = (
    stripe.AuthenticationError,
    stripe.CardError,
    stripe.InvalidRequestError,
    stripe.PermissionError,
)


class StripePayments:
    """Charges accounts with Stripe (`PaymentProvider`).

    Stripe keeps an idempotency key for at least a day, and its search finds new payments after
    about a minute. So one of the two protects every payment at any time: a charge that `find` does
    not know yet is repeated under its key, and returns the first payment.

    Args:
        key: A secret or restricted key of the test mode.

    Raises:
        typer.BadParameter: It is another key. The message omits it.
    """

    def __init__(self, key: str) -> None:
        if not key.startswith(TEST_KEYS) or not (key.isascii() and key.isprintable()):
            raise typer.BadParameter(
                "is not a key of Stripe's test mode (sk_test_... or rk_test_...); this sample pays "
                "with test cards, so no other key is accepted",
                param_hint="STRIPE_API_KEY",
            )
        self._key = key
        self._base = os.environ.get("STRIPE_API_BASE", stripe.DEFAULT_API_BASE)

    async def charge(self, key: str, intent: Intent, reference: str) -> str:
        """Charge a test card, once for each key; return the id of the PaymentIntent.

        Raises:
            Declined: Stripe refused the charge.
            ApplicationError: The key was used for another payment. Non-retryable.
        """

        def create(client: stripe.StripeClient) -> stripe.PaymentIntent:
            return client.v1.payment_intents.create(
                {
                    "amount": intent.cents,
                    "currency": "eur",
                    "payment_method": CARDS.get(intent.account, DEFAULT_CARD),
                    "confirm": True,
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "description": f"To {intent.payee}",
                    "metadata": {"effect_key": key, "reference": reference},
                },
                {"idempotency_key": key},
            )

        payment = await self._call(create)
        if payment.status in ("processing", "succeeded"):
            return _receipt(payment)
        raise Declined(f"the payment needs more than a card: {payment.status}")

    async def find(self, key: str) -> str | None:
        """Return the payment that has the key in its metadata and that was not declined."""
        query = f"metadata['effect_key']:'{key}'"
        found = await self._call(
            lambda client: client.v1.payment_intents.search({"query": query, "limit": 100}).data
        )
        paid = [each for each in found if each.status in ("processing", "succeeded")]
        return _receipt(paid[0]) if paid else None

    async def statement(self, reference: str) -> list[Receipt]:
        """Return the payments with a reference among the last 1,000 of the account, of a day.

        It lists them, because a search misses those of the last minute.
        """

        def collect(client: stripe.StripeClient) -> list[Receipt]:
            since = int(time.time()) - STATEMENT_PERIOD
            page = client.v1.payment_intents.list({"created": {"gte": since}, "limit": 100})
            receipts: list[Receipt] = []
            for number, each in enumerate(page.auto_paging_iter()):
                if number >= MAX_STATEMENT:
                    break
                if (
                    each.status == "succeeded"
                    and each.metadata.to_dict().get("reference") == reference
                ):
                    receipts.insert(0, Receipt(receipt=each.id, cents=each.amount))
            return receipts

        return await self._call(collect)

    async def _call(self, request: Callable[[stripe.StripeClient], T]) -> T:
        """Return the result of a request, in a thread."""

        def send() -> T:
            with closing(stripe.RequestsClient(timeout=REQUEST_TIMEOUT)) as http:
                return request(
                    stripe.StripeClient(
                        self._key,
                        base_addresses={"api": self._base},
                        max_network_retries=0,  # Temporal retries
                        http_client=http,
                    )
                )

        try:
            return await asyncio.to_thread(send)
        except stripe.IdempotencyError:
            reason = "the key was used for another payment"
            raise ApplicationError(reason, type="IdempotencyError", non_retryable=True) from None
        except REFUSED as error:
            # These messages may contain a part of the key.
            secret = isinstance(error, stripe.AuthenticationError | stripe.PermissionError)
            reason = "it does not accept the worker's key" if secret else error.user_message
            raise Declined(f"Stripe refused: {reason}") from None
        except stripe.StripeError as error:
            raise NoResponse(f"{type(error).__name__}, HTTP {error.http_status}") from None


def _receipt(payment: stripe.PaymentIntent) -> str:
    if payment.status == "processing":
        raise NoResponse("the payment is processing")
    return payment.id
