"""Scripted answers for goal_agent/: fills in the trip from the conversation, and plans the rest."""

import re
from calendar import month_name
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from offline_model.json_text import text_of
from offline_model.model_reply import Reply, obj, say
from offline_model.model_request import ModelRequest

OFF_TOPIC = re.compile(
    r"\b(weather|recipe|poem|joke|homework|password|bitcoin)"
    r"|\b(ignore|forget|disregard)\b.*\b(instructions?|rules|prompt)\b"
    r"|^\W*(system|developer|tool)\b\W*:",
    re.IGNORECASE,
)
GOODBYE = re.compile(r"\b(that is all|that's all|bye|goodbye|nothing else|stop)\b", re.IGNORECASE)
EVENT = re.compile(r"^- (\S+) to (\S+): ([^,]+),", re.MULTILINE)
FLIGHT = re.compile(r"^- (\w+): leaves \S+ at (\S+), back \S+, (\S+) EUR", re.MULTILINE)
EMAIL = re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
MONTH = re.compile(rf"\b({'|'.join(month_name[1:])})\b", re.IGNORECASE)
ORDINALS = (r"\b(first|any|cheap\w*)\b", r"\bsecond\b", r"\bthird\b")  # tools list by price


@dataclass
class Trip:
    """What the conversation has settled so far."""

    city: str = ""
    month: int = 0
    origin: str = ""
    email: str = ""
    days: tuple[str, ...] = ()
    events: str = ""
    flights: str = ""
    invoice: str = ""
    choice: str = ""  # text of the user since the latest list of events
    flight_choice: str = ""  # text of the user since the latest list of flights

    def add(self, role: str, text: str, cities: list[str]) -> None:
        """Read a message."""
        if role == "user":
            self._add_wishes(text, cities)
        elif role == "developer" and text.startswith("Events in "):
            self.events, self.flights, self.choice = text, "", ""
        elif role == "developer" and text.startswith("Flights "):
            self.flights, self.flight_choice = text, ""
        elif role == "developer" and text.startswith("Invoice "):
            self.invoice = text

    def _add_wishes(self, text: str, cities: list[str]) -> None:
        months = [list(month_name).index(name.title()) for name in MONTH.findall(text)]
        for city in cities:
            if re.search(rf"\bfrom {city}\b", text, re.IGNORECASE):
                self.origin = city
            elif re.search(rf"\b{city}\b", text, re.IGNORECASE):
                if self.events and not months and city != self.city:
                    self.origin = city  # the answer to "where do you fly from?"
                else:
                    self.city = city
        self.month = months[-1] if months else self.month
        self.email = next(iter(EMAIL.findall(text)), self.email)
        self.days = tuple(DAY.findall(text)) or self.days
        self.choice += f" {text.lower()}"
        self.flight_choice += f" {text.lower()}"


def validate(seen: ModelRequest) -> Reply | None:
    """Reject prompts that are off topic or give instructions."""
    if "belongs to a conversation with this goal" not in seen.instructions:
        return None
    if OFF_TOPIC.search(seen.user_text):
        reason = "I can only help with events and the trip there. Shall we continue with that?"
        return obj({"valid": False, "reason": reason})
    return obj({"valid": True, "reason": ""})


def plan(seen: ModelRequest) -> Reply | None:
    """Ask for what is missing, search, book, and finish."""
    if "You plan the next step towards a goal" not in seen.instructions:
        return None
    enums = re.findall(r'"enum":\[([^\]]+)\]', seen.instructions)
    cities = sorted({city for enum in enums for city in re.findall(r'"([^"]+)"', enum)})
    trip, role, text = Trip(), "", ""
    for item in seen.items:
        if "role" in item:
            role, text = item["role"], text_of(item.get("content"))
            trip.add(role, text, cities)
    if role == "developer" and text.startswith("That was not shown to the user. "):
        problem = text.removeprefix("That was not shown to the user. ").removesuffix(
            ". Fix it, or ask."
        )
        return _ask(f"That does not work: {problem}. What would you like instead?")
    if role == "developer" and (" failed, " in text or " was refused, " in text):
        return _ask(f"I am sorry. {text} What would you like to do?")
    if trip.invoice:
        return _step("done", f"That is all settled. {trip.invoice} Have a good time!")
    if role == "user" and GOODBYE.search(text):
        return _step("done", "You are welcome. Goodbye!")
    flies = '"name":"search_flights"' in seen.instructions
    return _find_events(trip) or (_book(trip) if flies else _ask(f"{trip.events}\nAnything else?"))


def _find_events(trip: Trip) -> Reply | None:
    if not trip.city and not trip.month:
        return _ask("In which city, and in which month, would you like to see something?")
    month = month_name[trip.month] if trip.month else "the month that you choose"
    where = f"{trip.city or 'the city that you choose'} in {month}"
    if not trip.events.startswith(f"Events in {where}:"):
        args = {"city": trip.city or None, "month": str(trip.month) if trip.month else None}
        return _call("find_events", f"I'll look for events in {where}.", args)
    if not EVENT.search(trip.events):
        return _ask(f"{trip.events} Which month would you like?")
    return None


def _book(trip: Trip) -> Reply:
    events: list[tuple[str, str, str]] = EVENT.findall(trip.events)
    names = [name for _, _, name in events]
    picked = _pick(names, trip.choice)
    if picked is None:
        found = ", ".join(names)
        return _ask(f"I found: {found}. Which one would you like, and where do you fly from?")
    first, last, name = events[picked]
    if not trip.origin:
        return _ask(f"{name} it is. Where do you fly from?")
    depart = str(date.fromisoformat(first) - timedelta(days=1))
    back = str(date.fromisoformat(last) + timedelta(days=1))
    depart, back = trip.days if len(trip.days) == 2 else (depart, back)
    route = f"{trip.origin} to {trip.city}, {depart} to {back}"
    if trip.flights.startswith(f"Flights {route}:"):
        return _pay(trip, route)
    text = f"I'll search flights for {name}, there on {depart} and back on {back}."
    args = {"origin": trip.origin, "destination": trip.city, "depart": depart, "back": back}
    return _call("search_flights", text, args)


def _pay(trip: Trip, route: str) -> Reply:
    flights: list[tuple[str, str, str]] = FLIGHT.findall(trip.flights)
    by_time = sorted(flights, key=lambda flight: flight[1])
    picked = _pick([number for number, _, _ in flights], trip.flight_choice)
    if "earliest" in trip.flight_choice or "latest" in trip.flight_choice:
        picked = flights.index(by_time[0 if "earliest" in trip.flight_choice else -1])
    if picked is None:
        offers = ", ".join(f"{number} for {price} EUR" for number, _, price in flights)
        return _ask(f"I found {offers}. Which one, and where should I send the invoice?")
    number, _, price = flights[picked]
    if not trip.email:
        return _ask(f"{number} it is. To which email address should I send the invoice?")
    text = f"I'll create the invoice for {number}: {price} EUR, to {trip.email}."
    args = {"email": trip.email, "amount": price, "description": f"Flight {number} {route}"}
    return _call("create_invoice", text, args)


def _pick(names: list[str], text: str) -> int | None:
    """Return the index of the name that a text chooses: by a word of it, or by its position."""
    words = set(re.findall(r"\w{4,}", text))
    named = [n for n, name in enumerate(names) if words & set(name.lower().split())]
    if len(named) == 1:
        return named[0]
    for index, ordinal in enumerate(ORDINALS[: len(names)]):
        if re.search(ordinal, text):
            return index
    return 0 if len(names) == 1 and re.search(r"\b(yes|it|that|this|ok)\b", text) else None


def summarize(seen: ModelRequest) -> Reply | None:
    """Summarize the first wish and the tools' results in two sentences."""
    if "Sum up this conversation in exactly two sentences" not in seen.instructions:
        return None
    items = [(item["role"], text_of(item.get("content"))) for item in seen.items if "role" in item]
    first = next((text for role, text in items if role == "user"), "nothing yet")
    results = [text.splitlines()[0] for role, text in items if role == "developer"]
    wish = first.splitlines()[0].rstrip(".!?")
    return say(f'The user said: "{wish}". So far there is: {"; ".join(results) or "nothing"}.')


def _ask(text: str) -> Reply:
    return _step("question", text)


def _call(tool: str, text: str, args: Mapping[str, str | None]) -> Reply:
    return _step("confirm", text, tool, args)


def _step(
    next: str, response: str, tool: str | None = None, args: Mapping[str, str | None] | None = None
) -> Reply:
    pairs = [{"name": name, "value": value} for name, value in (args or {}).items()]
    return obj({"next": next, "tool": tool, "args": pairs, "response": response})


RULES = [validate, plan, summarize]
