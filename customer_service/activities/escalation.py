"""Notifies your team, and checks that escalated conversations can be listed."""

from durable_agents.search_attributes import has_search_attribute

import asyncio
import logging
import os

from apprise import Apprise
from temporalio import activity
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ApplicationError

# Addresses hold passwords, and apprise logs them. The errors below omit them.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


@activity.defn
async def send_notification(title: str, message: str) -> str:
    """Notify every service in the worker's `NOTIFY_URLS`, or the worker's log if it is empty.

    Return how it was delivered. Delivery is at least once: a worker that crashes after sending
    sends again.

    Raises:
        ApplicationError: No service accepted it (`NotDelivered`), or `NOTIFY_URLS` is invalid
            (`InvalidAddress`, non-retryable).
    """
    services, addresses = Apprise(), os.environ.get("NOTIFY_URLS", "").strip()
    if addresses and not await asyncio.to_thread(services.add, addresses):
        problem = "NOTIFY_URLS has an address that apprise does not support"
        raise ApplicationError(problem, type="InvalidAddress", non_retryable=True)
    if not services:
        activity.logger.info("Notification for %s: %s", title, message)
        return "written to the worker's log"
    # A retry would notify the other services twice, so one success is enough.
    sending = [service.async_notify(title=title, body=message) for service in services]
    if True not in await asyncio.gather(*sending, return_exceptions=True):
        raise ApplicationError("no service accepted the notification", type="NotDelivered")
    return "sent"


@activity.defn
async def is_registered(search_attribute: str) -> bool:
    """Return whether the namespace has a custom search attribute of type Bool.

    Setting one that is not registered fails the workflow task until someone registers it.
    """
    key = SearchAttributeKey.for_bool(search_attribute)
    return await has_search_attribute(activity.client(), key)
