"""The cities that the tools know, by name and by airport."""

from collections.abc import Iterable

AIRPORTS = {
    "Amsterdam": "AMS",
    "Athens": "ATH",
    "Barcelona": "BCN",
    "Berlin": "BER",
    "Brussels": "BRU",
    "Copenhagen": "CPH",
    "Dublin": "DUB",
    "Frankfurt": "FRA",
    "Helsinki": "HEL",
    "Lisbon": "LIS",
    "London": "LHR",
    "Madrid": "MAD",
    "Milan": "MXP",
    "Munich": "MUC",
    "Oslo": "OSL",
    "Paris": "CDG",
    "Prague": "PRG",
    "Rome": "FCO",
    "Stockholm": "ARN",
    "Vienna": "VIE",
    "Warsaw": "WAW",
    "Zurich": "ZRH",
}


def known_city(given: str, known: Iterable[str]) -> str:
    """Return the city that is meant by its name or its airport, in whatever case.

    Raises:
        ValueError: It is none of `known`; names those.
    """
    known = sorted(known)
    for city in known:
        if given.strip().lower() in (city.lower(), AIRPORTS[city].lower()):
            return city
    raise ValueError(f"not known here; known are: {', '.join(known)}")
