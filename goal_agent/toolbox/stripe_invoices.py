"""Invoices with Stripe: customer, invoice, its line, and off it goes."""

import asyncio
import os
from contextlib import closing
from decimal import Decimal
from hashlib import sha256

import stripe
from temporalio.exceptions import ApplicationError

PATIENCE = 15
"""Seconds for an answer. The activity has 60 for all of them."""

DAYS_UNTIL_DUE = 14

# What is wrong with the request, or with our account: the next attempt would meet it again.
FINAL = (
    stripe.AuthenticationError,
    stripe.CardError,
    stripe.IdempotencyError,
    stripe.InvalidRequestError,
    stripe.PermissionError,
)


async def create(key: str, email: str, amount: Decimal, description: str) -> str:
    """Create an invoice, unless the key has one; return its number.

    Raises:
        ApplicationError: Stripe will not have it, now or later.
        stripe.StripeError: Stripe cannot be reached, is busy, or is in trouble.
    """
    try:
        return await asyncio.to_thread(_create, key, email, amount, description)
    except FINAL as error:
        # Its own words may hold a part of the key.
        secret = isinstance(error, stripe.AuthenticationError | stripe.PermissionError)
        reason = "it does not accept the worker's key" if secret else error.user_message
        raise ApplicationError(
            f"Stripe refused: {reason}", type=type(error).__name__, non_retryable=True
        ) from None


def _create(key: str, email: str, amount: Decimal, description: str) -> str:
    with closing(stripe.RequestsClient(timeout=PATIENCE)) as http:
        client = stripe.StripeClient(
            os.environ["STRIPE_API_KEY"],
            base_addresses={"api": os.environ.get("STRIPE_API_BASE", stripe.DEFAULT_API_BASE)},
            max_network_retries=0,  # Temporal retries
            http_client=http,
        )
        return _create_with(client, key, email, amount, description)


def _create_with(
    client: stripe.StripeClient, key: str, email: str, amount: Decimal, description: str
) -> str:
    def once(what: str) -> stripe.RequestOptions:  # by which Stripe knows what it has had
        return {"idempotency_key": sha256(f"{key}/{what}".encode()).hexdigest()}

    api = client.v1
    customer = api.customers.create({"email": email}, once("customer"))
    invoice = api.invoices.create(
        {
            "customer": customer.id,
            "collection_method": "send_invoice",
            "days_until_due": DAYS_UNTIL_DUE,
            "currency": "eur",
        },
        once("invoice"),
    )
    api.invoice_items.create(
        {
            "customer": customer.id,
            "invoice": invoice.id,
            "amount": int(amount * 100),
            "currency": "eur",
            "description": description,
        },
        once("item"),
    )
    api.invoices.finalize_invoice(invoice.id, options=once("finalize"))
    sent = api.invoices.send_invoice(invoice.id, options=once("send"))
    return sent.number or sent.id
