"""The bookings of the local provider: each key books once, and is cancelled once.

As with the test cards of a payment API, the offer determines what happens (`SPECIAL`).
"""

import asyncio
import os
from collections import Counter

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from side_effects.provider_ledger import open_ledger

SLOW_FOR = 5.0  # seconds
CITIES = ("BERGEN", "LOFOTEN", "NARVIK", "OSLO", "TROMSO")
KINDS = ("FLIGHT", "HOTEL", "CAR")
SPECIAL = {
    "CAR-BERGEN": "sold out",
    "HOTEL-TROMSO": "slow",  # is booked, but all responses about the booking are late
    "FLIGHT-NARVIK": "crash",  # is booked, and the provider dies before it responds
    "HOTEL-NARVIK": "busy",  # the first two requests to cancel it fail
    "CAR-NARVIK": "sold out",
    "FLIGHT-LOFOTEN": "final",  # cannot be cancelled
    "CAR-LOFOTEN": "sold out",
}

TABLE = """
    CREATE TABLE IF NOT EXISTS bookings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,
        entry TEXT NOT NULL,
        offer TEXT NOT NULL,
        reference TEXT NOT NULL,
        UNIQUE (key, entry)
    )
"""
# One statement each, so that a booking and its cancellation cannot overtake each other.
BOOK = """
    INSERT OR IGNORE INTO bookings (key, entry, offer, reference) SELECT :key, 'booked', :offer,
    :reference WHERE NOT EXISTS (SELECT 1 FROM bookings WHERE key = :key AND entry = 'cancelled')
"""
CANCEL = """
    INSERT OR IGNORE INTO bookings (key, entry, offer, reference) SELECT :key, 'cancelled',
    coalesce((SELECT offer FROM bookings WHERE key = :key), 'an unused key'), :reference
"""
FIND = "SELECT number, entry, offer FROM bookings WHERE key = ? ORDER BY number"
LIST = "SELECT entry, offer FROM bookings WHERE reference = ? ORDER BY number LIMIT 1000"

failed_cancellations = Counter[str]()


class Booking(BaseModel):
    """The body of a request for a booking."""

    offer: str = Field(max_length=100)
    reference: str = Field(max_length=500)


async def offers(request: Request) -> JSONResponse:
    """Return the ids of the offers in a city; none if it is unknown."""
    city = request.query_params.get("city", "").strip().upper().replace("Ø", "O")
    return JSONResponse([f"{kind}-{city}" for kind in KINDS] if city in CITIES else [])


async def book(request: Request) -> JSONResponse:
    """Book an offer once for each key, unless the key is cancelled."""
    key = request.path_params["key"]
    try:
        body = Booking.model_validate_json(await request.body())
    except ValidationError as error:
        return _error(400, str(error))
    kind, _, city = body.offer.partition("-")
    if kind not in KINDS or city not in CITIES:
        return _error(404, f"there is no offer {body.offer}")
    behavior = SPECIAL.get(body.offer, "")
    if behavior == "sold out":
        return _error(409, f"{body.offer} is sold out")
    with open_ledger(TABLE) as ledger:
        is_new = ledger.execute(BOOK, {"key": key, **body.model_dump()}).rowcount == 1
        found = {entry: (number, offer) for number, entry, offer in ledger.execute(FIND, (key,))}
    if "cancelled" in found:
        return _error(410, "the booking was cancelled")
    number, offer = found["booked"]
    if offer != body.offer:
        return _error(409, "the key was used for another booking")
    if behavior == "crash" and is_new:
        os._exit(1)
    if behavior == "slow":
        await asyncio.sleep(SLOW_FOR)
    return JSONResponse({"receipt": f"B-{number:04}"})


async def cancel(request: Request) -> JSONResponse:
    """Cancel the booking with a key. If there is none, the key can no longer book anything."""
    key, reference = request.path_params["key"], request.query_params.get("reference", "")
    offer = _booked_offer(key)
    behavior = SPECIAL.get(offer, "")
    if behavior == "final":
        return _error(409, f"{offer} cannot be cancelled")
    if behavior == "busy" and failed_cancellations[key] < 2:
        failed_cancellations[key] += 1
        return _error(503, "try again later")
    with open_ledger(TABLE) as ledger:
        ledger.execute(CANCEL, {"key": key, "reference": reference})
    return JSONResponse({"was_booked": bool(_booked_offer(key))})


async def statement(request: Request) -> JSONResponse:
    """Return the entries with a reference, in order."""
    with open_ledger(TABLE) as ledger:
        rows = ledger.execute(LIST, (request.query_params.get("reference", ""),)).fetchall()
    return JSONResponse([f"{entry} {offer}" for entry, offer in rows])


def _booked_offer(key: str) -> str:
    """Return the offer that was booked with a key, also if it is cancelled; "" if there is none."""
    with open_ledger(TABLE) as ledger:
        entries: dict[str, str] = {entry: offer for _, entry, offer in ledger.execute(FIND, (key,))}
    return entries.get("booked", "")


def _error(status: int, reason: str) -> JSONResponse:
    return JSONResponse({"error": reason}, status)


ROUTES = [
    Route("/offers", offers),
    Route("/bookings", statement),
    Route("/bookings/{key}", book, methods=["PUT"]),
    Route("/bookings/{key}", cancel, methods=["DELETE"]),
]
