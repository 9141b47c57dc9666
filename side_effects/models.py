"""Payments: what is to be paid, what was paid, and who allowed a second payment."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_CENTS = 1_000_000


def _printable(name: str) -> str:
    if not name.strip() or not name.isprintable():
        raise ValueError("it must be printable and not blank")
    return name


PersonName = Annotated[str, Field(max_length=100), AfterValidator(_printable)]


class Intent(BaseModel):
    """What to pay, as facts. It is the same however the model words the request."""

    model_config = ConfigDict(frozen=True)

    account: str
    payee: str
    cents: int = Field(gt=0, le=MAX_CENTS)

    def __str__(self) -> str:
        return f"{self.cents / 100:,.2f} EUR to {self.payee}"


class Charge(BaseModel):
    """The result of a charge: the provider's receipt, and whether this call made it."""

    receipt: str
    is_new: bool


class ConsentRequest(BaseModel):
    """A payment that was made before and that the model wants to make again."""

    id: str
    intent: Intent
    reason: str


class Consent(BaseModel):
    """A decision on a second payment, by a person or, if `by` is None, for another reason."""

    request: ConsentRequest
    allowed: bool
    by: str | None
    because: str = "nobody decided in time"

    def __str__(self) -> str:
        who = f"by {self.by}" if self.by else f"because {self.because}"
        verdict = "allowed" if self.allowed else "refused"
        return f"A second payment of {self.request.intent} was {verdict} {who}."


class PaymentReport(BaseModel):
    """The answer, the decisions, and the payments as the provider's ledger has them."""

    answer: str
    consents: list[Consent]
    statement: list[str] | None = Field(
        description="A line for each charge in the provider's ledger; None if it cannot be read"
    )
