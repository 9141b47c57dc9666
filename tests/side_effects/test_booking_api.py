"""The local provider's bookings: a key books once, is cancelled once, and books nothing then."""

from pathlib import Path

import httpx2
import pytest

from side_effects.provider_server import app
from tests.side_effects.trips import entries

CAR = {"offer": "CAR-OSLO", "reference": "trip"}


async def send(method: str, body: object = None, key: str = "key") -> tuple[int, dict[str, object]]:
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://provider") as client:
        response = await client.request(method, f"/bookings/{key}?reference=trip", json=body)
    return response.status_code, response.json()


async def test_key_books_once_and_is_cancelled_once(ledger: Path) -> None:
    for _ in range(2):
        assert await send("PUT", CAR) == (200, {"receipt": "B-0001"})
    for _ in range(2):
        assert await send("DELETE") == (200, {"was_booked": True})
    assert await send("PUT", CAR) == (410, {"error": "the booking was cancelled"})
    assert entries(ledger) == ["booked CAR-OSLO", "cancelled CAR-OSLO"]


async def test_key_that_was_cancelled_before_its_use_books_nothing(ledger: Path) -> None:
    for _ in range(2):
        assert await send("DELETE") == (200, {"was_booked": False})
    assert await send("PUT", CAR) == (410, {"error": "the booking was cancelled"})
    assert entries(ledger) == ["cancelled an unused key"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"offer": "CAR-ATLANTIS", "reference": "trip"}, 404),
        ({"offer": "CAR-BERGEN", "reference": "trip"}, 409),  # sold out
        ({"offer": "HOTEL-OSLO", "reference": "trip"}, 409),  # the key has booked a car
        ({"offer": "CAR-OSLO"}, 400),
    ],
)
async def test_refused_booking_changes_nothing(
    body: dict[str, str], status: int, ledger: Path
) -> None:
    await send("PUT", CAR)
    assert (await send("PUT", body))[0] == status
    assert entries(ledger) == ["booked CAR-OSLO"]
