"""Plays random failures, kills, other words, duplicates, and consents.

The provider here does not even honor idempotency keys, as real ones no longer do after a day.
"""

from durable_agents.database import Database

import asyncio
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from hypothesis import strategies as st
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from side_effects import intents
from side_effects.activities.payments import PaymentActivities
from side_effects.claims import LEASE, SCHEMA, Claims
from side_effects.intents import effect_key
from side_effects.local_provider import LocalPayments, LocalServer
from side_effects.models import Intent

Fault = Literal["none", "before", "after", "find"]
# A payment, its words, what fails, how many calls at once, whether the first of them is a retry of
# the last one, and whether a person allows one payment more.
Step = tuple[tuple[str, int], int, Fault, int, bool, bool]

WORDS = {
    "acct_plain": ["Grace", "grace hopper", "HOPPER"],
    "acct_late": ["Ada", "ada lovelace", "Lovelace"],
}
AMOUNTS = {1000: ["10", "10.00 EUR", "€10.0"], 250: ["2.50", "2.5 euros", "EUR 2.50"]}


class Attempt(ActivityEnvironment):
    """An attempt of an activity; attempts of one call share its id, plans do not."""

    def __init__(self, call: int) -> None:
        super().__init__()
        self.info = replace(self.info, activity_id=str(call))


class UnreliableProvider(LocalPayments):
    """A provider whose connection fails before or after it charges, as when a worker is killed."""

    def __init__(self) -> None:
        super().__init__(LocalServer())
        self.fault: Fault = "none"
        self.charges: list[tuple[str, tuple[str, int]]] = []

    async def charge(self, key: str, intent: Intent, reference: str) -> str:
        fault = self.fault
        await asyncio.sleep(0)  # another call may run
        if fault == "before":
            raise ConnectionError
        self.charges.append((key, (intent.account, intent.cents)))
        if fault == "after":
            raise ConnectionError
        return f"R-{key}"

    async def find(self, key: str) -> str | None:
        if self.fault == "find":
            raise ConnectionError
        return f"R-{key}" if key in dict(self.charges) else None


a_payment = st.tuples(st.sampled_from(sorted(WORDS)), st.sampled_from(sorted(AMOUNTS)))
sequences: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        a_payment,
        st.integers(0, 2),
        st.sampled_from(["none", "before", "after", "find"]),
        st.integers(1, 3),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


class Play:
    """Plays a sequence of calls on one worker, and finds out the outcome of each payment."""

    def __init__(self, database: Database) -> None:
        self.provider, self.allowed = UnreliableProvider(), Counter[tuple[str, int]]()
        self.now, self._calls = datetime.now(UTC), 0
        claims = Claims(database, clock=lambda: self.now)
        self._activities = PaymentActivities(claims, self.provider)

    async def step(self, step: Step) -> None:
        """Make a call, or several at once; then the model finds out the outcome."""
        payment, words, fault, at_once, is_retry, is_allowed = step
        if not self.allowed[payment] or is_allowed:
            self.allowed[payment] += 1
        self.provider.fault = fault
        first = self._calls + (not is_retry)
        calls = [self.pay(payment, words, first + number) for number in range(at_once)]
        for error in await asyncio.gather(*calls, return_exceptions=True):
            assert error is None or isinstance(error, ConnectionError | ApplicationError)
        self._calls = first + at_once
        self.provider.fault = "none"
        self.now += LEASE + timedelta(seconds=1)  # no call is in flight
        await self.pay(payment, 0, self._calls)

    async def pay(self, payment: tuple[str, int], words: int, call: int) -> None:
        account, cents = payment
        intent = intents.resolve(WORDS[account][words], AMOUNTS[cents][words])
        number = self.allowed[payment]
        key = effect_key("payment-1", "charge", intent.account, intent.cents, number)
        await Attempt(call).run(self._activities.charge_once, key, intent)


async def play(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/claims.db", SCHEMA)
        async with database.open():
            game = Play(database)
            for step in steps:
                await game.step(step)
    assert Counter(payment for _, payment in game.provider.charges) == game.allowed
