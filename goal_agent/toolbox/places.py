"""Cities by name and airport code."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import TypeAdapter

DATA = Path(__file__).parent.parent / "data"
AIRPORTS = TypeAdapter(dict[str, str]).validate_json((DATA / "airports.json").read_bytes())


def find_city(name: str, known: Iterable[str]) -> str:
    """Return the known city with this name or airport code, in any case.

    Raises:
        ValueError: No known city matches.
    """
    known = sorted(known)
    for city in known:
        if name.strip().lower() in (city.lower(), AIRPORTS[city].lower()):
            return city
    raise ValueError(f"unknown city; known cities: {', '.join(known)}")
