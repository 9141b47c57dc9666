"""Notifications reach every service that is up, and errors name no address."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from customer_service.activities.escalation import send_notification
from sample_cli.processes import free_port

SECRET = "hunter2"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def notify() -> None:
    await ActivityEnvironment().run(send_notification, "chat-7", "It needs a person.")


@asynccontextmanager
async def webhook() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Run a server; yield its notification URL, and the requests that it receives."""
    requests: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"}"))
        writer.write(OK)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"json://127.0.0.1:{server.sockets[0].getsockname()[1]}", requests


def unavailable() -> str:
    """Return the notification URL of a service that is down."""
    return f"json://user:{SECRET}@127.0.0.1:{free_port()}/{SECRET}"


async def test_partial_delivery_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    async with webhook() as (url, requests):
        monkeypatch.setenv("NOTIFY_URLS", f"{unavailable()} {url}")
        await notify()
    assert [b"It needs a person." in request for request in requests] == [True]


@pytest.mark.parametrize(
    ("urls", "error_type"),
    [(unavailable(), "NotDelivered"), (f"nosuch://{SECRET}@x", "InvalidAddress")],
    ids=["unavailable", "unsupported"],
)
async def test_failed_notification_shows_no_address(
    urls: str, error_type: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_URLS", urls)
    with pytest.raises(ApplicationError) as failure:
        await notify()
    assert failure.value.type == error_type
    assert failure.value.non_retryable == (error_type == "InvalidAddress")
    assert SECRET not in failure.value.message + caplog.text


async def test_notification_is_logged_without_services(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("NOTIFY_URLS", raising=False)
    caplog.set_level(logging.INFO)
    await notify()
    assert "chat-7: It needs a person." in caplog.text
