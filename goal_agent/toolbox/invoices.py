"""Creates invoices: with Stripe if `STRIPE_API_KEY` is set, otherwise in a local ledger."""

import os
from decimal import Decimal

from pydantic import Field

from goal_agent.toolbox import ledger
from goal_agent.toolbox.definition import ToolArguments


class CreateInvoice(ToolArguments):
    """Recipient, amount, and description."""

    email: str = Field(
        max_length=254,
        pattern=r"^[\w.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        description="The recipient",
    )
    amount: Decimal = Field(
        gt=0, le=10_000, max_digits=7, decimal_places=2, description="In euros, as 123.45"
    )
    description: str = Field(min_length=1, max_length=200, description="What it is for")

    async def run(self, idempotency_key: str) -> str:
        """Create the invoice, once per key; return its number, amount, and recipient."""
        create = ledger.create
        if os.environ.get("STRIPE_API_KEY"):
            from goal_agent.toolbox import stripe_invoices  # the import takes 0.25 s

            create = stripe_invoices.create
        number = await create(idempotency_key, self.email, self.amount, self.description)
        return f"Invoice {number} for {self.amount:.2f} EUR was created for {self.email}."
