"""The pending payments of bank accounts."""

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

PENDING = {
    "DE89370400440532013000": ["240.00 EUR to Nordlicht Clinic", "31.50 EUR to City Library"],
    "GB33BUKB20201555555555": [],
}


@activity.defn
async def list_payments(iban: str) -> str:
    """List the pending payments of an account.

    Args:
        iban: The account's number, with or without spaces.

    Raises:
        ApplicationError: There is no such account. Non-retryable.
    """
    account = "".join(iban.split()).upper()
    if account not in PENDING:
        raise ApplicationError(
            f"there is no account {account[:34]}",
            type="UnknownAccount",
            non_retryable=True,
            category=ApplicationErrorCategory.BENIGN,
        )
    return f"Pending: {', '.join(PENDING[account]) or 'none'}."
