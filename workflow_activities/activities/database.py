"""Idempotent saves and batches, and the report.

Each row has a key that is the same in every attempt: the workflow id and the number of the turn or
batch. A retry after a crash finds the committed row.
"""

from durable_agents.database import Database, RowConflict

from collections.abc import Mapping

from sqlalchemy import Table, func, select
from sqlalchemy.exc import DBAPIError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from workflow_activities.models import Report, Turn
from workflow_activities.storage import BATCHES, TURNS

UNSTORABLE = "22"  # prefix of PostgreSQL's error codes for values that no column accepts


class DatabaseActivities:
    """The database activities of one worker.

    Failures of the database (down, locked, misconfigured) are retried; `NotStorable` is not.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def save_to_database(self, task_id: str, data: Turn) -> str:
        """Save one turn of the conversation.

        Raises:
            ApplicationError: No retry can save it (`NotStorable`, non-retryable).
        """
        row = {"turn": data.number, "message": data.message, "reply": data.reply}
        await self._insert(TURNS, task_id, {**row, "error": data.error})
        return "with its reply" if data.error is None else "as failed"

    @activity.defn
    async def process_batch(self, task_id: str, items: list[Turn], batch_number: int) -> str:
        """Count the words of a batch of turns, and save the sum.

        Raises:
            ApplicationError: No retry can save it (`NotStorable`, non-retryable).
        """
        words = sum(len(f"{turn.message} {turn.reply or ''}".split()) for turn in items)
        first, last = items[0].number, items[-1].number
        row = {"batch_number": batch_number, "first_turn": first, "last_turn": last}
        await self._insert(BATCHES, task_id, {**row, "words": words})
        return f"turns {first} to {last}, {words} words"

    @activity.defn
    async def generate_report(self, task_id: str) -> Report:
        """Return the counts in the database; the workflow adds those of notifications."""
        of_turns = select(func.count(), func.count(TURNS.c.error)).where(
            TURNS.c.workflow_id == activity.info().workflow_id
        )
        of_batches = select(func.count(), func.coalesce(func.sum(BATCHES.c.words), 0)).where(
            BATCHES.c.workflow_id == activity.info().workflow_id
        )
        async with self._database.transaction() as connection:
            turns, failed = (await connection.execute(of_turns)).one()
            batches, words = (await connection.execute(of_batches)).one()
        return Report(
            task_id=task_id,
            turns=turns,
            failed_turns=failed,
            batches=batches,
            words=words,
            notifications_sent=0,
            notifications_failed=0,
        )

    async def _insert(self, table: Table, task_id: str, values: Mapping[str, object]) -> None:
        row = {"workflow_id": activity.info().workflow_id, "task_id": task_id, **values}
        try:
            await self._database.insert_once(table, row)
        except RowConflict:
            raise _not_storable(
                f"another conversation of {task_id} has saved this number; use a new task id"
            ) from None
        except DBAPIError as error:
            if not str(getattr(error.orig, "sqlstate", "")).startswith(UNSTORABLE):
                raise
            raise _not_storable(str(error.orig)) from None


def _not_storable(reason: str) -> ApplicationError:
    return ApplicationError(reason, type="NotStorable", non_retryable=True)
