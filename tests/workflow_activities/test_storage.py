"""The database: repeated and concurrent writes, and values that no column accepts."""

from durable_agents import database as database_module
from durable_agents.database import Database

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy.exc import SQLAlchemyError
from temporalio.testing import ActivityEnvironment

from tests.harness.postgres import PostgreSQL
from tests.harness.workers import serving
from tests.workflow_activities.conversations import end, events, replies, rows, say, start
from workflow_activities.activities.database import DatabaseActivities
from workflow_activities.models import Turn
from workflow_activities.run_worker import build_worker
from workflow_activities.storage import SCHEMA, TURNS


async def test_concurrent_repeated_saves_leave_one_row_each(url: str) -> None:
    database = Database(url, SCHEMA)
    save = DatabaseActivities(database).save_to_database
    turns = [Turn(number=number, message="m", reply="r") for number in range(1, 51)] * 2
    async with database.open():
        await asyncio.gather(*[ActivityEnvironment().run(save, "task", turn) for turn in turns])
    assert [row.turn for row in await rows(url, TURNS)] == list(range(1, 51))


async def test_workers_creating_the_tables_concurrently_lose_nothing(url: str) -> None:
    databases = [Database(url, SCHEMA) for _ in range(4)]

    async def save(number: int, database: Database) -> None:
        activities = DatabaseActivities(database)
        turn = Turn(number=number, message="m")
        for _ in range(3):  # as Temporal retries it
            try:
                await ActivityEnvironment().run(activities.save_to_database, "task", turn)
            except SQLAlchemyError:
                continue
            break

    await asyncio.gather(*[save(number, database) for number, database in enumerate(databases, 1)])
    for database in databases:
        async with database.open():
            pass
    assert [row.turn for row in await rows(url, TURNS)] == [1, 2, 3, 4]


async def test_turn_saved_by_another_conversation_becomes_a_failed_event(
    url: str,
) -> None:
    same = f"test-{uuid4()}"
    async with serving(build_worker, replies("A.", "B.")) as client:
        first = await start(client, workflow_id=same)
        await say(first, "one")
        await end(first)
        second = await start(client, workflow_id=same)
        assert await say(second, "two") == "B."
        await end(second)
        [failed] = [event for event in await events(second) if event.kind == "save"]
    assert (failed.outcome, "another conversation" in failed.detail) == ("failed", True)
    assert [row.message for row in await rows(url, TURNS)] == ["one"]


async def test_nul_characters_are_stored_as_replacement_characters(url: str) -> None:
    async with serving(build_worker, replies("A\0.")) as client:
        handle = await start(client)
        assert await say(handle, "o\0ne") == "A\ufffd."
        assert (await end(handle)).turns == 1
    assert [(row.message, row.reply) for row in await rows(url, TURNS)] == [
        ("o\ufffdne", "A\ufffd.")
    ]


async def test_transaction_is_given_up_after_its_time_limit(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(url, SCHEMA)
    async with database.open(), asyncio.timeout(10):
        async with database.transaction():
            pass
        monkeypatch.setattr(database_module, "TRANSACTION_TIMEOUT", 0.1)
        with pytest.raises(TimeoutError):
            async with database.transaction():
                await asyncio.Event().wait()


@pytest.mark.postgres
async def test_value_that_no_column_accepts_becomes_a_failed_event(
    postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.new_database(encoding="LATIN1"))
    async with serving(build_worker, replies("A \u2192 B.")) as client:
        handle = await start(client)
        assert await say(handle, "one") == "A \u2192 B."
        assert (await end(handle)).turns == 0
        [failed] = [event for event in await events(handle) if event.kind == "save"]
    assert failed.outcome == "failed"
