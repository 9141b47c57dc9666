"""Notifications reach a mail server, or fail alone; addresses stay secret."""

import logging
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from sample_cli.processes import free_port
from tests.harness.workers import serving
from tests.workflow_activities.conversations import end, events, replies, say, start
from workflow_activities.activities.notifications import send_notification
from workflow_activities.run_worker import build_worker

SECRET = "hunter2"


class Mailbox(Message):
    """Collects received mails."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[str] = []

    def handle_message(self, message: object) -> None:
        self.mails.append(str(message))


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """A mail server, and its notification URL."""
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, f"mailto://127.0.0.1:{port}?from=a@x.com&to=b@x.com"
    server.stop()


@pytest.fixture
def broken() -> str:
    """The URL of a service that is down."""
    return f"json://user:{SECRET}@127.0.0.1:{free_port()}/{SECRET}"


async def send(channel: str) -> str:
    return await ActivityEnvironment().run(send_notification, "task-7", "It is done.", channel)


async def test_every_turn_is_announced_by_mail(
    mailbox: tuple[Mailbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, url = mailbox
    monkeypatch.setenv("NOTIFY_URLS", url)
    async with serving(build_worker, replies("Blue.", "Red.")) as client:
        handle = await start(client, "task-7")
        await say(handle, "one")
        await say(handle, "two")
        report = await end(handle)
    assert (report.notifications_sent, report.notifications_failed) == (2, 0)
    assert ["Blue." in mail for mail in box.mails] == [True, False]
    assert all("Subject: task-7" in mail for mail in box.mails)


async def test_unavailable_service_only_adds_a_failed_event(
    broken: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", broken)
    caplog.set_level(logging.INFO)
    async with serving(build_worker, replies("Blue.")) as client:
        handle = await start(client)
        assert await say(handle, "one") == "Blue."
        report = await end(handle)
        [failed] = [event for event in await events(handle) if event.kind == "notification"]
        history = (await handle.fetch_history()).to_json()
    assert (failed.kind, failed.outcome) == ("notification", "failed")
    assert failed.detail == "not delivered by json"
    assert (report.turns, report.notifications_failed) == (1, 1)
    assert SECRET not in history + caplog.text


async def test_partial_delivery_is_not_retried(
    mailbox: tuple[Mailbox, str], broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, url = mailbox
    monkeypatch.setenv("NOTIFY_URLS", f"{broken}, {url}")
    assert await send("all") == "sent by mailto; not delivered by json"
    assert await send("mailto") == "sent by mailto"
    assert len(box.mails) == 2


@pytest.mark.parametrize("channel", ["log", "all"])
async def test_notification_is_logged_when_there_is_no_service(
    channel: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert await send(channel) == "written to the worker's log"
    assert "task-7: It is done." in caplog.text


@pytest.mark.parametrize(
    ("urls", "channel"), [("", "slack"), (f"nosuch://{SECRET}@x json://localhost", "all")]
)
async def test_invalid_channel_is_not_retried(
    urls: str, channel: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", urls)
    with pytest.raises(ApplicationError) as failure:
        await send(channel)
    assert (failure.value.type, failure.value.non_retryable) == ("NoSuchChannel", True)
    assert SECRET not in failure.value.message + caplog.text
