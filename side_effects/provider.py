"""What the activities need from a payment provider: one charge for each key, and its receipt."""

from typing import Protocol

from pydantic import BaseModel
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from side_effects.models import Intent


class Receipt(BaseModel):
    """A charge in the provider's ledger."""

    receipt: str
    cents: int = 0


class Declined(ApplicationError):
    """The provider refused the request: nothing was done. Non-retryable."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            reason,
            type=Declined.__name__,
            non_retryable=True,
            category=ApplicationErrorCategory.BENIGN,  # expected: logged at debug level
        )


class NoResponse(ApplicationError):
    """The provider did not respond, or it failed; the outcome is unknown. Retryable."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the provider did not respond: {reason}",
            type=NoResponse.__name__,
            category=ApplicationErrorCategory.BENIGN,
        )


class PaymentProvider(Protocol):
    """Charges accounts. Each method raises NoResponse if the provider does not answer."""

    async def charge(self, key: str, intent: Intent, reference: str) -> str:
        """Charge an account, once for each key; return the receipt.

        Raises:
            Declined: The provider refused the charge.
        """
        ...

    async def find(self, key: str) -> str | None:
        """Return the receipt of the charge with a key, or None if there is no such charge."""
        ...

    async def statement(self, reference: str) -> list[Receipt]:
        """Return the charges with a reference, at most 1,000."""
        ...
