"""A bank whose first response is lost after it has charged the account."""

from uuid import uuid4


class Bank:
    """A ledger in memory that charges each idempotency key once. Its first response is lost.

    Attributes:
        charges: Amounts in cents, by idempotency key.
    """

    def __init__(self) -> None:
        self.charges: dict[str, int] = {}
        self._has_failed = False

    async def charge(self, cents: int, idempotency_key: str | None = None) -> str:
        """Charge an amount in cents; return the receipt. Without a key, every call charges.

        Raises:
            ConnectionError: The response was lost. The charge was made.
        """
        key = idempotency_key or uuid4().hex
        self.charges.setdefault(key, cents)
        if not self._has_failed:
            self._has_failed = True
            raise ConnectionError("the bank did not respond")
        return f"receipt {list(self.charges).index(key) + 1} for {self.charges[key] / 100:.2f} EUR"

    def __str__(self) -> str:
        times = len(self.charges)
        return f"charged {times} time{'s' * (times != 1)}"
