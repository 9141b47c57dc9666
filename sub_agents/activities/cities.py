"""The researcher's tool: facts about cities, from a file."""

import asyncio
import csv
from pathlib import Path
from typing import Annotated

from pydantic import Field
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

FILE = Path(__file__).parent.parent / "data" / "cities.csv"


class UnknownCity(ApplicationError):
    """There are no facts about the city. Non-retryable, and expected: logged at debug level."""

    def __init__(self, city: str, known: list[str]) -> None:
        super().__init__(
            f"there are no facts about {city!r}, only about {', '.join(known)}",
            type=UnknownCity.__name__,
            non_retryable=True,
            category=ApplicationErrorCategory.BENIGN,
        )


@activity.defn
async def look_up_city(city: Annotated[str, Field(max_length=100)]) -> str:
    """Return a city's hotel price, flight time, rainy days a month, and number of venues.

    Args:
        city: The name of the city, such as "Lisbon".
    """
    return await asyncio.to_thread(_look_up, city)


def _look_up(city: str) -> str:
    with FILE.open(encoding="utf-8", newline="") as file:
        cities = {row["city"].lower(): row for row in csv.DictReader(file)}
    row = cities.get(city.strip().lower())
    if row is None:
        raise UnknownCity(city, [each["city"] for each in cities.values()])
    return (
        f"{row['city']}: hotels from {row['hotel_eur']} EUR, flights of {row['flight_hours']} h, "
        f"{row['rainy_days']} rainy days a month, {row['venues']} venues"
    )
