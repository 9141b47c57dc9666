"""Reads and writes conversations in a database. Every write can be retried."""

from durable_agents.database import Database, RowConflict

import json

from pydantic import BaseModel, JsonValue
from sqlalchemy import delete, func, select
from temporalio import activity
from temporalio.exceptions import ApplicationError

from conversations.session_storage import ITEMS

Item = dict[str, JsonValue]


class StoredItems(BaseModel):
    """The last items of a conversation, and how many it has."""

    items: list[Item]
    count: int


class SessionActivities:
    """The session activities of one worker. Failures of the database are retried."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def load_items(self, session_id: str, limit: int | None) -> StoredItems:
        """Return the last `limit` items of a conversation, or all, in their order."""
        ours = ITEMS.c.session_id == session_id
        last = select(ITEMS.c.item).where(ours).order_by(ITEMS.c.position.desc()).limit(limit)
        async with self._database.transaction() as connection:
            count = (await connection.execute(select(func.count()).where(ours))).scalar_one()
            texts = (await connection.execute(last)).scalars().all()
        return StoredItems(items=[json.loads(text) for text in reversed(texts)], count=count)

    @activity.defn
    async def store_items(self, session_id: str, position: int, items: list[Item]) -> None:
        """Store items of a conversation at `position`: all of them, once, or none.

        Raises:
            ApplicationError: Other items are there, of another writer (`SessionConflict`,
                non-retryable).
        """
        # JSON escapes everything but ASCII, such as NUL, which PostgreSQL does not accept.
        rows = [
            {"session_id": session_id, "position": position + number, "item": json.dumps(item)}
            for number, item in enumerate(items)
        ]
        try:
            await self._database.insert_once(ITEMS, *rows)
        except RowConflict:
            raise ApplicationError(
                f"another writer has added to session {session_id}; a session has one writer",
                type="SessionConflict",
                non_retryable=True,
            ) from None

    @activity.defn
    async def remove_items(self, session_id: str, position: int) -> None:
        """Remove the items of a conversation from `position` on."""
        ours = (ITEMS.c.session_id == session_id) & (ITEMS.c.position >= position)
        async with self._database.transaction() as connection:
            await connection.execute(delete(ITEMS).where(ours))
