"""Look up the weather of a city in a file."""

import asyncio
import csv
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from basic.models import Weather

CLIMATE = Path(__file__).parent.parent / "data" / "climate.csv"


@activity.defn
async def get_weather(city: str) -> Weather:
    """Get the typical weather of a city.

    Reads a small table of yearly averages, in place of a weather service.

    Args:
        city: The name of the city, in English.
    """
    rows = await asyncio.to_thread(_read_climate)
    row = rows.get(city.strip().casefold())
    if row is None:
        known = ", ".join(row["city"] for row in rows.values())
        # Non-retryable: a retry cannot find the city, but the model can choose another one.
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


def _read_climate() -> dict[str, dict[str, str]]:
    with CLIMATE.open(encoding="utf-8", newline="") as file:
        return {row["city"].casefold(): row for row in csv.DictReader(file)}
