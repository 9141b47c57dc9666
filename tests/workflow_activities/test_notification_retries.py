"""A notification is sent by one run only, and a bug in a service fails that service only."""

import asyncio

import pytest
from apprise import NotifyBase
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from tests.harness.workers import serving
from tests.workflow_activities.conversations import end, next_run, replies, say, set_limit, start
from workflow_activities.activities.notifications import send_notification
from workflow_activities.run_worker import build_worker


async def test_next_run_starts_only_once_the_notification_in_flight_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_limit(monkeypatch, "TURNS_PER_RUN", 2)
    monkeypatch.setenv("NOTIFY_URLS", "json://localhost")
    sent, started, answered = [], asyncio.Event(), asyncio.Event()

    async def slow(_service: NotifyBase, *, title: str, body: str) -> bool:
        sent.append(body)
        started.set()
        await answered.wait()
        return True

    monkeypatch.setattr(NotifyBase, "async_notify", slow)
    async with serving(build_worker, replies("A.", "B.")) as client:
        handle = await start(client)
        runs = {(await handle.describe()).run_id}
        await say(handle, "one")
        await started.wait()
        await say(handle, "two")
        assert (await handle.describe()).run_id in runs
        answered.set()
        await next_run(handle, runs)
        first_run = client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
        assert str(await first_run.fetch_history()).count('"send_notification"') == 1
        assert (await end(handle)).notifications_sent == 2
    assert sent == ["Turn 1 was answered: A.", "Turn 2 was answered: B."]


async def test_service_that_raises_is_reported_by_its_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(_service: NotifyBase, *, title: str, body: str) -> bool:
        raise TypeError("json://user:hunter2@localhost")

    monkeypatch.setattr(NotifyBase, "async_notify", fail)
    monkeypatch.setenv("NOTIFY_URLS", "json://localhost")
    with pytest.raises(ApplicationError, match="not delivered by json") as failure:
        await ActivityEnvironment().run(send_notification, "task", "It is done.", "all")
    assert "hunter2" not in str(failure.value)
