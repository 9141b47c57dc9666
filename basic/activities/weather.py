"""Looks up the weather of a city: I/O, hence an activity."""

import csv
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from basic.models import Weather

CLIMATE = Path(__file__).parent.parent / "data" / "climate.csv"


@activity.defn
def get_weather(city: str) -> Weather:
    """Get the typical weather of a city.

    Reads a small table of yearly averages, in the place of a weather service.

    Args:
        city: The name of the city, in English.
    """
    with CLIMATE.open(encoding="utf-8", newline="") as file:
        rows = {row["city"].casefold(): row for row in csv.DictReader(file)}
    row = rows.get(city.strip().casefold())
    if row is None:
        known = ", ".join(row["city"] for row in rows.values())
        # No retry will find it: fail at once, and tell the model what would work.
        raise ApplicationError(
            f"No weather for {city!r}. Known cities: {known}.",
            type="UnknownCity",
            non_retryable=True,
        )
    return Weather(
        city=row["city"],
        temperature_range=f"{row['low']}-{row['high']} °C",
        conditions=row["conditions"],
    )
