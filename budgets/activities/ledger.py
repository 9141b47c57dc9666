"""The activities of a budget. Each may be retried, and changes nothing twice."""

import asyncio
from typing import NamedTuple

from temporalio import activity

from budgets.ledger import Ledger
from budgets.models import Bill, BudgetState, CallUsage, Limits, PlannedCall, Reservation
from budgets.prices import price_of


class BudgetActivities(NamedTuple):
    """The activities of one worker."""

    ledger: Ledger

    @activity.defn
    async def open_budget(self, budget: str, limits: Limits, model: str | None) -> None:
        """Create a budget for calls of a model; raise UnknownPrice if the model has no price."""
        await asyncio.to_thread(price_of, model)  # the first one reads a file of 2 MB
        await self.ledger.open(budget, limits)

    @activity.defn
    async def reserve_call(self, call: PlannedCall) -> Reservation:
        """Reserve a call, or record that it waits."""
        return await self.reserve_attempt(call, 1)

    async def reserve_attempt(self, call: PlannedCall, attempt: int) -> Reservation:
        """Reserve one attempt of a call. Not an activity: the worker calls it."""
        price = await asyncio.to_thread(price_of, call.model)
        cost = price.max_cost(call.input_tokens, call.output_tokens)
        return await self.ledger.reserve(call, cost, attempt)

    @activity.defn
    async def settle_call(self, call: PlannedCall, usage: CallUsage | None) -> BudgetState:
        """Settle a call at its usage, or at its estimate if there is none."""
        usage = usage or CallUsage(input_tokens=0, output_tokens=0)
        price = await asyncio.to_thread(price_of, call.model)
        tokens = usage.input_tokens + usage.output_tokens
        return await self.ledger.settle(call, tokens, price.cost(usage))

    @activity.defn
    async def raise_limits(self, budget: str, limits: Limits) -> BudgetState:
        """Raise the limits of a budget."""
        return await self.ledger.raise_limits(budget, limits, activity.info().workflow_id or "")

    @activity.defn
    async def read_bill(self, budget: str) -> Bill:
        """Return the bill."""
        return await self.ledger.bill(budget)
