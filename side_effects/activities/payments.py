"""The activities of a payment: resolve it, make it once, and read the provider's ledger."""

from typing import NamedTuple

from temporalio import activity
from temporalio.exceptions import ApplicationError

from side_effects import intents
from side_effects.claims import Claims
from side_effects.models import Charge, Intent
from side_effects.provider import Declined, PaymentProvider


class PaymentActivities(NamedTuple):
    """The activities of one worker."""

    claims: Claims
    provider: PaymentProvider

    @activity.defn
    async def resolve_intent(self, recipient: str, amount: str) -> Intent:
        """Return what the model wants to pay, as facts; raise InvalidInput if it is unclear."""
        return intents.resolve(recipient, amount)

    @activity.defn
    async def charge_once(self, key: str, intent: Intent) -> Charge:
        """Charge an account once for each key, no matter how often this is called.

        The claim is committed before the provider is called. A claim without a receipt may have
        been charged, so the provider is asked before it is charged again.

        Raises:
            Declined: The provider refused. Nothing was charged.
            ApplicationError: Another call is charging the same key (`UnderWay`; retried).
        """
        info = activity.info()
        claimant = f"{info.workflow_run_id}:{info.activity_id}"  # the same in each attempt
        claim = await self.claims.claim(key, claimant)
        if claim.receipt:
            return Charge(receipt=claim.receipt, is_new=False)
        receipt = None if claim.is_new else await self.provider.find(key)
        if receipt is None and not claim.is_ours:
            raise ApplicationError("another call is making this payment", type="UnderWay")
        is_new = receipt is None
        try:
            receipt = receipt or await self.provider.charge(key, intent, info.workflow_id or "")
        except Declined:
            await self.claims.release(key, claimant)
            raise
        await self.claims.settle(key, receipt)
        return Charge(receipt=receipt, is_new=is_new)

    @activity.defn
    async def read_statement(self, reference: str) -> list[str]:
        """Return a line for each charge with a reference in the provider's ledger."""
        charges = await self.provider.statement(reference)
        return [f"{each.receipt}: {each.cents / 100:,.2f} EUR" for each in charges]
