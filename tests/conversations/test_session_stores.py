"""Writes to a database session are repeated without a double, and a conflict is an error."""

from durable_agents.database import Database

from datetime import timedelta
from uuid import uuid4

import pytest
from agents import TResponseInputItem
from agents.memory import Session
from agents.testing import ScriptedModel, assistant_message
from pydantic import JsonValue
from temporalio.api.enums.v1 import EventType
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from conversations import session_stores
from conversations.activities.sessions import SessionActivities
from conversations.run_worker import build_worker
from conversations.session_storage import SCHEMA
from conversations.session_stores import WorkflowSession
from tests.conversations.session_runs import start, stored, texts
from tests.harness.workers import serving

MESSAGES: list[dict[str, JsonValue]] = [{"role": "user", "content": f"{n}\0é"} for n in range(3)]


def lose_the_outcome_of(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the n-th write fail after its commit, as a lost connection or a crash would."""
    insert, count = Database.insert_once, [0]

    async def insert_and_fail(*args: object, **options: object) -> None:
        await insert(*args, **options)  # type: ignore[arg-type]
        count[0] += 1
        if count[0] == number:
            raise ConnectionError("lost after the commit")

    monkeypatch.setattr(Database, "insert_once", insert_and_fail)
    quick = RetryPolicy(initial_interval=timedelta(milliseconds=10))
    monkeypatch.setitem(session_stores.WRITE_OPTIONS, "retry_policy", quick)


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_retried_write_leaves_no_double(
    number: int, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_outcome_of(number, monkeypatch)
    model = ScriptedModel([[assistant_message("A.")], [assistant_message("B.")]])
    async with serving(build_worker, model) as client:
        handle = await start(client, ["one", "two"], "database")
        assert await handle.result() == ["A.", "B."]
        started = EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
        events = [e for e in (await handle.fetch_history()).events if e.event_type == started]
    attempts = [event.activity_task_started_event_attributes.attempt for event in events]
    assert sorted(attempts)[-2:] == [1, 2], "no write was retried"
    assert texts(await stored(url, handle.id)) == ["one", "A.", "two", "B."]
    assert len(model.calls) == 2, "a model call was repeated"


async def test_items_are_stored_in_any_order_of_attempts_and_removed(url: str) -> None:
    database, id, run = Database(url, SCHEMA), f"{uuid4()}", ActivityEnvironment().run
    sessions = SessionActivities(database)
    async with database.open():
        for _ in range(2):
            await run(sessions.store_items, id, 0, MESSAGES)
        last = await run(sessions.load_items, id, 1)
        assert (last.items, last.count) == (MESSAGES[-1:], 3)
        assert (await run(sessions.load_items, id, None)).items == MESSAGES
        for _ in range(2):
            await run(sessions.remove_items, id, 1)
    assert await stored(url, id) == MESSAGES[:1]


async def test_second_writer_is_reported_and_changes_nothing(url: str) -> None:
    database, id, run = Database(url, SCHEMA), f"{uuid4()}", ActivityEnvironment().run
    sessions = SessionActivities(database)
    async with database.open():
        await run(sessions.store_items, id, 1, MESSAGES[1:2])
        with pytest.raises(ApplicationError, match="another writer") as failure:
            await run(sessions.store_items, id, 0, [MESSAGES[0], MESSAGES[2]])
    assert (failure.value.type, failure.value.non_retryable) == ("SessionConflict", True)
    assert await stored(url, id) == MESSAGES[1:2], "half of a write was kept"


async def test_workflow_session_is_a_session_of_the_sdk() -> None:
    session: Session = WorkflowSession("any")
    assert isinstance(session, Session)
    assert await session.pop_item() is None
    items: list[TResponseInputItem] = [{"role": "user", "content": f"{n}"} for n in range(3)]
    await session.add_items(items)
    assert await session.get_items(2) == items[1:]
    assert await session.pop_item() == items[2]
    assert await session.get_items() == items[:2]
    await session.clear_session()
    assert await session.get_items() == []
