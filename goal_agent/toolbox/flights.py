"""Makes up flights, the same each time for the same arguments: it takes the place of an airline."""

from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Self

from pydantic import Field, JsonValue, field_validator, model_validator

from goal_agent.toolbox.definition import ToolArguments
from goal_agent.toolbox.places import AIRPORTS, known_city

DEPARTURES = ("06:40", "11:25", "18:50")


def _list_cities(schema: dict[str, JsonValue]) -> None:
    schema["enum"] = [*AIRPORTS]


class SearchFlights(ToolArguments):
    """From where to where, and when there and back."""

    origin: str = Field(max_length=60, json_schema_extra=_list_cities)
    destination: str = Field(max_length=60, json_schema_extra=_list_cities)
    depart: date = Field(description="The day of the flight there, as YYYY-MM-DD")
    back: date = Field(description="The day of the flight back, as YYYY-MM-DD")

    @field_validator("origin", "destination")
    @classmethod
    def _is_known(cls, city: str) -> str:
        return known_city(city, AIRPORTS)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.origin == self.destination:
            raise ValueError("origin and destination are the same city")
        if self.depart < datetime.now(UTC).date():
            raise ValueError("depart is in the past")
        if self.back <= self.depart:
            raise ValueError("back must be after depart")
        return self

    async def run(self, idempotency_key: str) -> str:
        """Return the flights, one a line, the cheapest first."""
        route = f"{self.origin} to {self.destination}"
        offers = sorted(self._offer(number) for number in range(len(DEPARTURES)))
        lines = [
            f"- {flight}: leaves {self.depart} at {time}, back {self.back}, {price} EUR"
            for price, flight, time in offers
        ]
        return "\n".join([f"Flights {route}, {self.depart} to {self.back}:", *lines])

    def _offer(self, number: int) -> tuple[Decimal, str, str]:
        """Return price, flight and time. The route alone decides, so an offer does not change."""
        route = f"{AIRPORTS[self.origin]}{AIRPORTS[self.destination]}"
        digest = sha256(f"{route}{number}".encode()).digest()
        price = Decimal(6000 + int.from_bytes(digest[:2], "big") % 24000) / 100
        flight = f"{route[0]}{route[3]}{100 + digest[2]}"
        return price.quantize(Decimal("0.01")), flight, DEPARTURES[number]
