"""Finds events in a file: it takes the place of a ticket service."""

import asyncio
from calendar import month_name
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from pydantic import BaseModel, Field, JsonValue, TypeAdapter, field_validator

from goal_agent.toolbox.definition import ToolArguments
from goal_agent.toolbox.places import known_city

EVENTS = Path(__file__).parent.parent / "data" / "events.json"
MONTHS = [name.lower() for name in month_name]


class Event(BaseModel):
    """Something that is on in a city, each year."""

    name: str
    month: int
    day: int
    days: int
    place: str

    def start(self, today: date) -> date:
        """Return when it begins next."""
        this_year = date(today.year, self.month, self.day)
        return this_year if this_year > today else this_year.replace(year=today.year + 1)


def _list_cities(schema: dict[str, JsonValue]) -> None:
    """Name the cities in a schema: a planner that knows them asks for no other."""
    schema["enum"] = [*sorted(all_events())]


class FindEvents(ToolArguments):
    """Where and when."""

    city: str = Field(max_length=60, description="Where", json_schema_extra=_list_cities)
    month: int = Field(ge=1, le=12, description="From 1 to 12, or its English name")

    @field_validator("city")
    @classmethod
    def _is_known(cls, city: str) -> str:
        return known_city(city, all_events())

    @field_validator("month", mode="before")
    @classmethod
    def _from_name(cls, month: object) -> object:
        name = str(month).strip().lower()
        return MONTHS.index(name) if name in MONTHS[1:] else month

    async def run(self, idempotency_key: str) -> str:
        """Return the events, one a line."""
        events = (await asyncio.to_thread(all_events))[self.city]
        when = f"in {self.city} in {month_name[self.month]}"
        found = [_line(event) for event in events if event.month == self.month]
        if found:
            return "\n".join([f"Events {when}:", *sorted(found)])
        others = sorted({event.month for event in events})
        return (
            f"Events {when}: none. Months with events: {', '.join(month_name[n] for n in others)}."
        )


@cache
def all_events() -> dict[str, list[Event]]:
    """Return the events by city."""
    return TypeAdapter(dict[str, list[Event]]).validate_json(EVENTS.read_bytes())


def _line(event: Event) -> str:
    start = event.start(datetime.now(UTC).date())
    end = start + timedelta(days=event.days - 1)
    return f"- {start} to {end}: {event.name}, {event.place}"
