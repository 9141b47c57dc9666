"""Invoices with Stripe: create customer, invoice, and line item, then send the invoice."""

import asyncio
import os
from contextlib import closing
from decimal import Decimal
from hashlib import sha256

import stripe
from temporalio.exceptions import ApplicationError

REQUEST_TIMEOUT = 15  # seconds; the activity has 60 for all five requests
DAYS_UNTIL_DUE = 14

# The request or the account is at fault: a retry would fail the same way.
NON_RETRYABLE = (
    stripe.AuthenticationError,
    stripe.CardError,
    stripe.IdempotencyError,
    stripe.InvalidRequestError,
    stripe.PermissionError,
)


async def create(key: str, email: str, amount: Decimal, description: str) -> str:
    """Create an invoice, unless the key has one; return its number.

    Raises:
        ApplicationError: Stripe refused the request. Non-retryable.
        stripe.StripeError: Stripe is unreachable, overloaded, or failing.
    """
    try:
        return await asyncio.to_thread(_create, key, email, amount, description)
    except NON_RETRYABLE as error:
        # These messages may contain a part of the key.
        secret = isinstance(error, stripe.AuthenticationError | stripe.PermissionError)
        reason = "it does not accept the worker's key" if secret else error.user_message
        raise ApplicationError(
            f"Stripe refused: {reason}", type=type(error).__name__, non_retryable=True
        ) from None


def _create(key: str, email: str, amount: Decimal, description: str) -> str:
    with closing(stripe.RequestsClient(timeout=REQUEST_TIMEOUT)) as http:
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
    def once(request: str) -> stripe.RequestOptions:
        return {"idempotency_key": sha256(f"{key}/{request}".encode()).hexdigest()}

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
