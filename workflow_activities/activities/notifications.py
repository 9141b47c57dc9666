"""Notifications by mail, Slack, Discord, webhooks, …, as configured in `NOTIFY_URLS`.

Addresses hold passwords and tokens, and stay in the worker's environment: results, errors and logs
contain only the kind of a service, such as `mailto` or `slack`.
"""

import asyncio
import logging
import os

from apprise import Apprise, NotifyBase
from temporalio import activity
from temporalio.exceptions import ApplicationError

# apprise logs addresses, secrets included. Failures are reported below instead.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


@activity.defn
async def send_notification(task_id: str, message: str, channel: str) -> str:
    """Send a notification, at least once: if the worker crashes after sending, it is sent again.

    Args:
        task_id: The title.
        message: The text.
        channel: "log" for the worker's log; "all" for every service in `NOTIFY_URLS`, or the log if
            there are none; or one kind of service, by the scheme of its address: "mailto", "slack",
            "discord", "json".

    Returns:
        The delivery report, such as "sent by mailto, slack".

    Raises:
        ApplicationError: No service accepted it (`NotDelivered`); or `NOTIFY_URLS` has an
            unsupported address, or none of this kind (`NoSuchChannel`, non-retryable).
    """
    services = [] if channel == "log" else await asyncio.to_thread(_services, channel)
    if not services:
        activity.logger.info("Notification for %s: %s", task_id, message)
        return "written to the worker's log"
    # A partial delivery succeeds: a retry would notify the other services twice. Exceptions are
    # counted as failures; their text may hold an address.
    sending = [service.async_notify(title=task_id, body=message) for service in services]
    delivered = await asyncio.gather(*sending, return_exceptions=True)
    results = list(zip(services, delivered, strict=True))
    sent = ", ".join(_kind(service) for service, ok in results if ok is True)
    failed = ", ".join(_kind(service) for service, ok in results if ok is not True)
    if not sent:
        raise ApplicationError(f"not delivered by {failed}", type="NotDelivered")
    return f"sent by {sent}" + (f"; not delivered by {failed}" if failed else "")


def _services(channel: str) -> list[NotifyBase]:
    """Return the services of a channel. `NOTIFY_URLS` separates addresses by space or comma."""
    apprise = Apprise()
    addresses = os.environ.get("NOTIFY_URLS", "").strip()
    if addresses and not apprise.add(addresses):
        raise ApplicationError(
            "NOTIFY_URLS has an address that apprise does not support",
            type="NoSuchChannel",
            non_retryable=True,
        )
    services = [service for service in apprise if channel in ("all", _kind(service))]
    if channel != "all" and not services:
        raise ApplicationError(
            f"NOTIFY_URLS has no address that starts with {channel}:",
            type="NoSuchChannel",
            non_retryable=True,
        )
    return services


def _kind(service: NotifyBase) -> str:
    """Return the scheme of a service's address."""
    address = str(service.url(privacy=True))  # type: ignore[no-untyped-call]
    return address.partition(":")[0]
