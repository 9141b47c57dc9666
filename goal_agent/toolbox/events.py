"""Finds events in a data file, in place of a ticket service."""

import asyncio
from calendar import month_name
from datetime import UTC, date, datetime, timedelta
from functools import cache

from pydantic import BaseModel, Field, JsonValue, TypeAdapter, field_validator

from goal_agent.toolbox.definition import ToolArguments
from goal_agent.toolbox.places import DATA, find_city

MONTHS = [name.lower() for name in month_name]


class Event(BaseModel):
    """An event that takes place in a city every year."""

    name: str
    month: int
    day: int
    days: int
    place: str

    def describe(self, today: date) -> str:
        """Return the dates of the next occurrence, the name, and the place, as a list item."""
        start = date(today.year, self.month, self.day)
        if start <= today:
            start = start.replace(year=today.year + 1)
        return f"- {start} to {start + timedelta(days=self.days - 1)}: {self.name}, {self.place}"


def _list_cities(schema: dict[str, JsonValue]) -> None:
    """List the cities in the schema, so the planner proposes no others."""
    schema["enum"] = [*sorted(all_events())]


class FindEvents(ToolArguments):
    """City and month."""

    city: str = Field(max_length=60, description="Where", json_schema_extra=_list_cities)
    month: int = Field(ge=1, le=12, description="From 1 to 12, or its English name")

    @field_validator("city")
    @classmethod
    def _is_known(cls, city: str) -> str:
        return find_city(city, all_events())

    @field_validator("month", mode="before")
    @classmethod
    def _from_name(cls, month: object) -> object:
        name = str(month).strip().lower()
        return MONTHS.index(name) if name in MONTHS[1:] else month

    async def run(self, idempotency_key: str) -> str:
        """Return the events, one per line."""
        events = (await asyncio.to_thread(all_events))[self.city]
        heading = f"Events in {self.city} in {month_name[self.month]}:"
        today = datetime.now(UTC).date()
        found = [event.describe(today) for event in events if event.month == self.month]
        if found:
            return "\n".join([heading, *sorted(found)])
        months = ", ".join(month_name[n] for n in sorted({event.month for event in events}))
        return f"{heading} none. Months with events: {months}."


@cache
def all_events() -> dict[str, list[Event]]:
    """Return the events by city."""
    return TypeAdapter(dict[str, list[Event]]).validate_json((DATA / "events.json").read_bytes())
