"""Claims effects in a database before they are dispatched, so that each happens once."""

from durable_agents.database import Database

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Column, DateTime, MetaData, String, Table, Text, or_, select, update

DEFAULT_URL = f"sqlite:///{Path(__file__).parent / 'claims.db'}"

SCHEMA = MetaData()
EFFECTS = Table(
    "effects",
    SCHEMA,
    Column("key", String(32), primary_key=True),
    Column("state", String(7), nullable=False),
    Column("claimant", String, nullable=False),
    Column("claimed_at", DateTime(timezone=True), nullable=False),
    Column("receipt", Text),
)

LEASE = timedelta(seconds=5)
"""Time for which a pending claim keeps others away: longer than one request may take."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Claim(NamedTuple):
    """The state of an effect.

    Attributes:
        receipt: The receipt, if the effect is done.
        is_new: No one has claimed the effect before, so it was never dispatched.
        is_ours: The caller may dispatch it now.
    """

    receipt: str | None
    is_new: bool
    is_ours: bool


class Claims:
    """Claims of effects. One claimant at a time dispatches an effect; a done one stays done.

    Args:
        database: A database with the tables of `SCHEMA`.
        clock: Returns the time in UTC.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        self._database, self._clock = database, clock

    async def claim(self, key: str, claimant: str) -> Claim:
        """Claim an effect, unless it is done or another claimant's lease is running.

        The statements are atomic: of two claimants at once, one is first.

        Args:
            key: The effect.
            claimant: The same in every attempt of an activity, so that a retry resumes its claim.
        """
        now = self._clock()
        row = {"state": "pending", "claimant": claimant, "claimed_at": now}
        async with self._database.transaction() as connection:
            insert = self._database.insert_new(EFFECTS, {"key": key, **row})
            is_new = (await connection.execute(insert)).rowcount == 1
            is_free = or_(EFFECTS.c.claimant == claimant, EFFECTS.c.claimed_at < now - LEASE)
            ours = EFFECTS.c.key == key, EFFECTS.c.state == "pending", is_free
            await connection.execute(update(EFFECTS).where(*ours).values(**row))
            query = select(EFFECTS.c.receipt, EFFECTS.c.claimant).where(EFFECTS.c.key == key)
            receipt, owner = (await connection.execute(query)).one()
        return Claim(receipt, is_new, owner == claimant)

    async def settle(self, key: str, receipt: str) -> None:
        """Record that an effect is done."""
        done = update(EFFECTS).where(EFFECTS.c.key == key).values(state="done", receipt=receipt)
        async with self._database.transaction() as connection:
            await connection.execute(done)

    async def release(self, key: str, claimant: str) -> None:
        """Give up a claim whose effect was refused, so that a later call may try again."""
        ours = EFFECTS.c.key == key, EFFECTS.c.claimant == claimant, EFFECTS.c.state == "pending"
        async with self._database.transaction() as connection:
            await connection.execute(EFFECTS.delete().where(*ours))
