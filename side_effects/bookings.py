"""The tools of a travel agent: what they book is undone unless the whole trip is booked."""

from durable_agents import activity_tool

import re
from contextlib import suppress
from datetime import timedelta

from agents import Tool, function_tool
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from side_effects.activities.bookings import BookingActivities
from side_effects.intents import effect_key
from side_effects.provider import Declined
from side_effects.saga import Entry, Saga
from side_effects.trip_models import TripAnswer, TripReport

OFFER = re.compile(r"[A-Z]{1,20}-[A-Z]{1,40}")
REFUSALS = (Declined.__name__,)
TIMEOUT = timedelta(seconds=10)
BOOKING_RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_attempts=2)
# About a minute; then a person decides.
UNDO_RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_attempts=8)


def booking_tools(saga: Saga) -> list[Tool]:
    """Return tools that find and book offers."""

    async def book(offer: str) -> str:
        """Book an offer, once. Call it again to find out its outcome.

        Args:
            offer: The id of the offer, as find_offers returns it.
        """
        offer = offer.strip().upper()
        if not OFFER.fullmatch(offer):
            return "was not done: offer must be an id that find_offers returns"
        key = effect_key(workflow.info().workflow_id, "booking", offer)
        entry = await saga.do(
            offer,
            lambda: workflow.execute_activity_method(
                BookingActivities.book_offer,
                args=[key, offer],
                start_to_close_timeout=TIMEOUT,
                retry_policy=BOOKING_RETRIES,
            ),
            undo=lambda: workflow.execute_activity_method(
                BookingActivities.cancel_booking,
                key,
                start_to_close_timeout=TIMEOUT,
                retry_policy=UNDO_RETRIES,
            ),
        )
        return _describe(entry)

    find_offers = activity_tool(BookingActivities.find_offers, start_to_close_timeout=TIMEOUT)
    return [find_offers, function_tool(book, failure_error_function=None)]


async def make_report(answer: TripAnswer, journal: list[Entry]) -> TripReport:
    """Return the report of a finished trip, with the provider's own ledger."""
    statement: list[str] | None = None
    with suppress(ActivityError):  # the trip is booked or undone, whether it can be read or not
        statement = await workflow.execute_activity_method(
            BookingActivities.read_bookings,
            workflow.info().workflow_id,
            start_to_close_timeout=TIMEOUT,
            retry_policy=UNDO_RETRIES,
        )
    return TripReport(
        is_booked=answer.is_complete, message=answer.message, journal=journal, statement=statement
    )


def _describe(entry: Entry) -> str:
    if entry.event == "done":
        return f"{entry.name} is booked, receipt {entry.detail}."
    if entry.event == "refused":
        return f"was not done: {entry.detail}"
    return (
        f"has an unknown outcome, {entry.name} may be booked: {entry.detail}. "
        "Call book again with the same offer to find out: it never books twice."
    )
