"""The activities of a trip: find offers, book one, cancel a booking, and read the ledger."""

from typing import NamedTuple

from temporalio import activity

from side_effects.local_provider import LocalBookings


class BookingActivities(NamedTuple):
    """The activities of one worker."""

    provider: LocalBookings

    @activity.defn
    async def find_offers(self, city: str) -> str:
        """Return the ids of the offers in a city, such as FLIGHT-OSLO."""
        return ", ".join(await self.provider.offers(city)) or "There are no offers in this city."

    @activity.defn
    async def book_offer(self, key: str, offer: str) -> str:
        """Book an offer, once for each key, and return the receipt. Raises Declined."""
        return await self.provider.book(key, offer, activity.info().workflow_id or "")

    @activity.defn
    async def cancel_booking(self, key: str) -> str:
        """Cancel the booking with a key, once; succeed if there is none.

        Afterwards, the key can book nothing, so a request to book that is still in flight has no
        effect when it arrives.

        Raises:
            Declined: The booking cannot be cancelled.
        """
        was_booked = await self.provider.cancel(key, activity.info().workflow_id or "")
        return "cancelled" if was_booked else "there was no booking"

    @activity.defn
    async def read_bookings(self, reference: str) -> list[str]:
        """Return the bookings and cancellations with a reference, in order."""
        return await self.provider.statement(reference)
