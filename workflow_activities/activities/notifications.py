"""Notifications by mail, Slack, Discord, webhook…: wherever the worker's `NOTIFY_URLS` point.

The addresses hold passwords and tokens. They stay in the worker's environment: no result, error,
or line of the log names more than the kind of a service, as `mailto` or `slack`.
"""

import asyncio
import logging
import os

from apprise import Apprise, NotifyBase
from temporalio import activity
from temporalio.exceptions import ApplicationError

# At several levels apprise logs addresses, with what is secret in them. What it has to say of a
# failure is said below, by kind.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


@activity.defn
async def send_notification(task_id: str, message: str, channel: str) -> str:
    """Tell people something.

    A worker that dies right after sending sends again: at least once, not exactly once.

    Args:
        task_id: What it is about: the title.
        message: What to tell.
        channel: "log" for the worker's log; "all" for every service in `NOTIFY_URLS`, or the log
            where there are none; or the services of one kind, by the beginning of their addresses:
            "mailto", "slack", "discord", "json".

    Returns:
        How it was delivered, such as "sent by mailto, slack".

    Raises:
        ApplicationError: No service took it (`NotDelivered`), or `NOTIFY_URLS` holds an address
            that apprise does not know, or none of this kind (`NoSuchChannel`, not retried).
    """
    services = [] if channel == "log" else await asyncio.to_thread(_services, channel)
    if not services:
        activity.logger.info("Notification for %s: %s", task_id, message)
        return "written to the worker's log"
    # One by one: where one service is down, the others are not told twice. They return whether
    # they sent; an exception is a service's bug, and its text may hold an address.
    sending = [service.async_notify(title=task_id, body=message) for service in services]
    taken = await asyncio.gather(*sending, return_exceptions=True)
    told = list(zip(services, taken, strict=True))
    sent = ", ".join(_kind(service) for service, ok in told if ok is True)
    failed = ", ".join(_kind(service) for service, ok in told if ok is not True)
    if not sent:
        raise ApplicationError(f"not delivered by {failed}", type="NotDelivered")
    return f"sent by {sent}" + (f"; not delivered by {failed}" if failed else "")


def _services(channel: str) -> list[NotifyBase]:
    """Return the services of a channel. Reads `NOTIFY_URLS`: addresses, by space or comma."""
    apprise = Apprise()
    addresses = os.environ.get("NOTIFY_URLS", "").strip()
    if addresses and not apprise.add(addresses):
        raise ApplicationError(
            "NOTIFY_URLS holds an address that apprise does not know",
            type="NoSuchChannel",
            non_retryable=True,
        )
    services = [service for service in apprise if channel in ("all", _kind(service))]
    if channel != "all" and not services:
        raise ApplicationError(
            f"NOTIFY_URLS holds no address that begins with {channel}:",
            type="NoSuchChannel",
            non_retryable=True,
        )
    return services


def _kind(service: NotifyBase) -> str:
    """Return how a service's address begins."""
    address = str(service.url(privacy=True))  # type: ignore[no-untyped-call]
    return address.partition(":")[0]
