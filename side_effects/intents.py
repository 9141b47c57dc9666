"""Turns a model's words into facts, and facts into the key of an effect."""

from durable_agents import InvalidInput

import hashlib
import json
import re
from decimal import Decimal

from side_effects.models import MAX_CENTS, Intent

# Like the test cards of a payment API: the local provider treats some accounts in a special way.
ACCOUNTS = {
    "acct_late": "Ada Lovelace",
    "acct_plain": "Grace Hopper",
    "acct_crash": "Linus Pauling",
    "acct_declined": "Alan Turing",
}
AMOUNT = re.compile(r"(?:EUR|€)?\s*(\d{1,7}(?:\.\d{1,2})?)\s*(?:EUR|€|euros?)?", re.IGNORECASE)


def resolve(recipient: str, amount: str) -> Intent:
    """Return the intent that a model describes.

    Args:
        recipient: A name, or a part of one that only one payee has.
        amount: Euros, such as "10", "10.00 EUR", or "€10.5".

    Raises:
        InvalidInput: No payee or several have this name, or the amount is not money.
    """
    words = set(recipient.lower().split())
    found = [key for key, name in ACCOUNTS.items() if words and words <= {*name.lower().split()}]
    if len(found) != 1:
        known = ", ".join(ACCOUNTS.values())
        raise InvalidInput(f"recipient {recipient[:100]!r} is not one of {known}")
    match = AMOUNT.fullmatch(amount.strip())
    cents = int(Decimal(match[1]) * 100) if match else 0
    if not 0 < cents <= MAX_CENTS:
        limit = f"0.01 to {MAX_CENTS / 100:,.2f} euros, such as 12.50"
        raise InvalidInput(f"amount {amount[:100]!r} is not an amount of {limit}")
    return Intent(account=found[0], payee=ACCOUNTS[found[0]], cents=cents)


def effect_key(*facts: str | int) -> str:
    """Return the idempotency key of an effect: the same for the same facts, 32 characters.

    Args:
        facts: Whose effect it is (a workflow id), what it is, and everything that distinguishes it
            from others. Nothing that a model words freely, and nothing that changes when the model
            plans again: no run id, activity id, or tool call id.
    """
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
