"""Sessions of the Agents SDK that workflow code can use: pass one to `Runner.run(session=)`.

The SDK's own sessions do I/O, which workflow code must not do.
"""

from datetime import timedelta
from typing import cast

from agents import TResponseInputItem
from agents.memory import Session, SessionSettings
from pydantic_core import from_json, to_json
from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from conversations.activities.sessions import SessionActivities, StoredItems

# Attempts are unlimited: the conversation waits until the database is back.
WRITE_OPTIONS = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)
    ),
)


class WorkflowSession(Session):
    """Keeps a conversation in the workflow's state, which Temporal restores by replay."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.session_settings: SessionSettings | None = None
        self._items: list[TResponseInputItem] = []

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """Return the last `limit` items, or all."""
        return self._items[-limit:] if limit else list(self._items)

    async def add_items(self, items: list[TResponseInputItem]) -> None:
        """Add items at the end."""
        self._items += items

    async def pop_item(self) -> TResponseInputItem | None:
        """Remove and return the last item, if there is one."""
        return self._items.pop() if self._items else None

    async def clear_session(self) -> None:
        """Remove all items."""
        self._items.clear()


class DatabaseSession(Session):
    """Keeps a conversation in a database, by activities. Its only writer is this workflow.

    A write includes the position of its items, so an attempt that is repeated after a crash or a
    lost connection stores them once. Without the position, it would add them again.
    """

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.session_settings: SessionSettings | None = None
        self._count: int | None = None

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """Return the last `limit` items, or all."""
        load = SessionActivities.load_items
        stored: StoredItems = await workflow.execute_activity_method(
            load, args=[self.session_id, limit], **WRITE_OPTIONS
        )
        self._count = stored.count
        return cast("list[TResponseInputItem]", stored.items)

    async def add_items(self, items: list[TResponseInputItem]) -> None:
        """Add items at the end."""
        position, plain = await self._end(), from_json(to_json(items))
        await workflow.execute_activity_method(
            SessionActivities.store_items, args=[self.session_id, position, plain], **WRITE_OPTIONS
        )
        self._count = position + len(items)

    async def pop_item(self) -> TResponseInputItem | None:
        """Remove and return the last item, if there is one."""
        last = await self.get_items(1)
        if last:
            await self._remove_from(await self._end() - 1)
        return last[0] if last else None

    async def clear_session(self) -> None:
        """Remove all items."""
        await self._remove_from(0)

    async def _end(self) -> int:
        if self._count is None:
            await self.get_items(1)
        return self._count or 0

    async def _remove_from(self, position: int) -> None:
        await workflow.execute_activity_method(
            SessionActivities.remove_items, args=[self.session_id, position], **WRITE_OPTIONS
        )
        self._count = position
