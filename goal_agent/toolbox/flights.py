"""Generates flights, the same for the same route, in place of an airline."""

from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Self

from pydantic import Field, JsonValue, field_validator, model_validator

from goal_agent.toolbox.definition import ToolArguments
from goal_agent.toolbox.places import AIRPORTS, find_city

DEPARTURES = ("06:40", "11:25", "18:50")


def _list_cities(schema: dict[str, JsonValue]) -> None:
    schema["enum"] = [*AIRPORTS]


class SearchFlights(ToolArguments):
    """Route and dates of a round trip."""

    origin: str = Field(max_length=60, json_schema_extra=_list_cities)
    destination: str = Field(max_length=60, json_schema_extra=_list_cities)
    depart: date = Field(description="The day of the outbound flight, as YYYY-MM-DD")
    back: date = Field(description="The day of the return flight, as YYYY-MM-DD")

    @field_validator("origin", "destination")
    @classmethod
    def _is_known(cls, city: str) -> str:
        return find_city(city, AIRPORTS)

    @model_validator(mode="after")
    def _is_round_trip(self) -> Self:
        if self.origin == self.destination:
            raise ValueError("origin and destination are the same city")
        if self.depart < datetime.now(UTC).date():
            raise ValueError("depart is in the past")
        if self.back <= self.depart:
            raise ValueError("back must be after depart")
        return self

    async def run(self, idempotency_key: str) -> str:
        """Return the flights, one per line, the cheapest first."""
        offers = sorted(self._offer(number) for number in range(len(DEPARTURES)))
        lines = [
            f"- {flight}: leaves {self.depart} at {time}, back {self.back}, {price} EUR"
            for price, flight, time in offers
        ]
        route = f"{self.origin} to {self.destination}"
        return "\n".join([f"Flights {route}, {self.depart} to {self.back}:", *lines])

    def _offer(self, number: int) -> tuple[Decimal, str, str]:
        """Return price, flight number, and time; they depend only on the route."""
        route = f"{AIRPORTS[self.origin]}{AIRPORTS[self.destination]}"
        digest = sha256(f"{route}{number}".encode()).digest()
        price = Decimal(6000 + int.from_bytes(digest[:2], "big") % 24000) / 100
        flight = f"{route[0]}{route[3]}{100 + digest[2]}"
        return price.quantize(Decimal("0.01")), flight, DEPARTURES[number]
