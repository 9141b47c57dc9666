"""What the model says in goal_agent/: it reads the conversation from the start, and plans on it."""

import re
from calendar import month_name
from dataclasses import dataclass, field
from datetime import date, timedelta

from offline_model.json_text import text_of
from offline_model.model_reply import Reply, obj, say
from offline_model.model_request import ModelRequest

OFF_TOPIC = re.compile(
    r"\bweather\b|\brecipe|\bcook|\bpoem|\bjoke|\bhomework|\bpassword|\bstocks?\b|\bbitcoin"
    r"|\b(ignore|forget|disregard)\b.*\b(instructions?|rules|prompt|above)\b|system prompt"
    r"|^\W*(system|developer|tool)\b\W*:|\bnew instructions\b",
    re.IGNORECASE,
)
ENOUGH = re.compile(
    r"\b(that is all|that's all|(good)?bye|no,? thank|nothing else|stop)\b", re.IGNORECASE
)
EVENT = re.compile(r"^- (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d): ([^,]+),", re.MULTILINE)
FLIGHT = re.compile(r"^- (\w+): leaves \S+ at (\S+), back \S+, (\S+) EUR", re.MULTILINE)
EMAIL = re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
MONTH = re.compile(rf"\b({'|'.join(month_name[1:])})\b", re.IGNORECASE)
ORDINALS = (r"\b(first|1st|any|whichever)\b", r"\b(second|2nd)\b", r"\b(third|3rd)\b")
DULL = {"days", "week", "fair", "night", "nights", "weekend"}
WHERE_FROM = "fly from"


@dataclass
class Trip:
    """What the conversation has come to, a message at a time."""

    places: list[str]
    city: str | None = None
    month: int | None = None
    origin: str | None = None
    email: str | None = None
    events: str = ""
    flights: str = ""
    days: list[str] = field(default_factory=list)
    invoice: str = ""
    wishes: str = ""  # what the user has said since the search began
    on_events: str = ""  # ... since there are events
    on_flights: str = ""  # ... since there are flights
    asked_origin: bool = False

    def hear(self, role: str, text: str) -> None:
        """Take in a message."""
        if role == "user":
            self._from_user(text)
        elif role == "assistant":
            self.asked_origin = WHERE_FROM in text
        elif text.startswith("Events in "):
            self.events, self.flights, self.on_events = text, "", ""
        elif text.startswith("Flights "):
            self.flights, self.on_flights = text, ""
        elif text.startswith("Invoice "):
            self.invoice = text

    def _from_user(self, text: str) -> None:
        place = f"({'|'.join(self.places)})"
        if origins := re.findall(rf"\bfrom {place}\b", text, re.IGNORECASE):
            self.origin = origins[-1].title()
        rest = re.sub(rf"\bfrom {place}\b", "", text, flags=re.IGNORECASE)
        for name in re.findall(rf"\b{place}\b", rest, re.IGNORECASE) if self.places else []:
            if self.asked_origin and not MONTH.search(text) and name.title() != self.city:
                self.origin = name.title()
            else:
                self.city, self.wishes = name.title(), ""
        for name in MONTH.findall(text):
            self.month = list(month_name).index(name.title())
        self.email = next(iter(EMAIL.findall(text)), self.email)
        self.days = DAY.findall(text) or self.days
        self.wishes += f"\n{text}"
        self.on_events += f"\n{text}"
        self.on_flights += f"\n{text}"

    @property
    def searched(self) -> bool:
        """Whether the events are those of the city and month that the user wants."""
        return bool(self.city and self.month) and self.events.startswith(
            f"Events in {self.city} in {month_name[self.month or 0]}:"
        )

    @property
    def event(self) -> tuple[str, str, str] | None:
        """First day, last day and name of the event that the user has chosen."""
        events: list[tuple[str, str, str]] = EVENT.findall(self.events)
        words = set(re.findall(r"[a-z]{4,}", self.wishes.lower())) - DULL
        scores = [len(words & set(event[2].lower().split())) for event in events]
        best = max(scores, default=0)
        if best and scores.count(best) == 1:
            return events[scores.index(best)]
        if len(events) == 1 and re.search(r"\b(yes|it|that|this|ok)\b", self.on_events):
            return events[0]
        return next(iter(_by_ordinal(events, self.on_events)), None)

    def wanted_days(self, event: tuple[str, str, str]) -> tuple[str, str]:
        """The days of the flights: those that the user named, or around the event."""
        if len(self.days) > 1:
            return self.days[0], self.days[1]
        day = timedelta(days=1)
        return str(date.fromisoformat(event[0]) - day), str(date.fromisoformat(event[1]) + day)

    @property
    def flight(self) -> tuple[str, str, str] | None:
        """Number, time and price of the flight that the user has chosen."""
        flights = _flights(self)
        for flight in flights:
            if flight[0].lower() in self.on_flights.lower():
                return flight
        by_time = sorted(flights, key=lambda flight: flight[1])
        if re.search(r"\bcheap", self.on_events, re.IGNORECASE):
            return min(flights, key=lambda flight: float(flight[2]))
        if re.search(r"\b(earliest|morning)\b", self.on_events, re.IGNORECASE):
            return by_time[0]
        if re.search(r"\b(latest|evening)\b", self.on_events, re.IGNORECASE):
            return by_time[-1]
        return next(iter(_by_ordinal(flights, self.on_flights)), None)


def validate(seen: ModelRequest) -> Reply | None:
    """Refuse what is plainly about something else, or would give orders."""
    if "belongs to a conversation with this goal" not in seen.instructions:
        return None
    if OFF_TOPIC.search(seen.user_text):
        reason = "I can only help with events and the way there. Shall we go on with that?"
        return obj({"valid": False, "reason": reason})
    return obj({"valid": True, "reason": ""})


def plan(seen: ModelRequest) -> Reply | None:
    """Ask for what is missing, search, book, and be done."""
    if "You plan the next step towards a goal" not in seen.instructions:
        return None
    items = [item for item in seen.items if "role" in item]
    lists = re.findall(r'"enum":\[([^\]]+)\]', seen.instructions)
    trip = Trip(sorted({name for names in lists for name in re.findall(r'"([^"]+)"', names)}))
    role, text = "", ""
    for item in items:
        role, text = item["role"], text_of(item.get("content"))
        trip.hear(role, text)
    if role == "developer" and (problem := _problem(text)):
        return _ask(problem)
    if trip.invoice:
        return _step("done", f"That is all settled. {trip.invoice} Have a good time!")
    if role == "user" and ENOUGH.search(text):
        return _step("done", "You are welcome. Goodbye!")
    flies = '"name":"search_flights"' in seen.instructions
    return _search(trip) or (_book(trip) if flies else _ask(f"{trip.events}\nAnything else?"))


def _search(trip: Trip) -> Reply | None:
    """Find events, until there are those that the user wants."""
    if not trip.city and not trip.month:
        return _ask("In which city, and in which month, would you like to see something?")
    when = month_name[trip.month] if trip.month else "the month that you choose"
    if not trip.searched:
        month = str(trip.month) if trip.month else None
        text = f"I look for events in {trip.city or 'the city that you choose'} in {when}."
        return _confirm("find_events", text, city=trip.city, month=month)
    if not EVENT.findall(trip.events):
        return _ask(f"{trip.events} Which month would you like?")
    return None


def _book(trip: Trip) -> Reply:
    """Find flights to the event, and have one paid for."""
    names = ", ".join(name for _, _, name in EVENT.findall(trip.events))
    event = trip.event
    if not event:
        return _ask(f"There is: {names}. Which one would you like, and where do you {WHERE_FROM}?")
    if not trip.origin:
        return _ask(f"{event[2]} it is. Where do you {WHERE_FROM}?")
    depart, back = trip.wanted_days(event)
    if not trip.flights.startswith(f"Flights {trip.origin} to {trip.city}, {depart} to {back}:"):
        text = f"I search flights for {event[2]}, there on {depart} and back on {back}."
        return _confirm(
            "search_flights",
            text,
            origin=trip.origin,
            destination=trip.city,
            depart=depart,
            back=back,
        )
    flight = trip.flight
    if not flight:
        offers = ", ".join(f"{number} for {price} EUR" for number, _, price in _flights(trip))
        return _ask(f"There is {offers}. Which one, and to which email address goes the invoice?")
    if not trip.email:
        return _ask(f"{flight[0]} it is. To which email address shall the invoice go?")
    text = f"I create the invoice for {flight[0]}: {flight[2]} EUR, to {trip.email}."
    what = f"Flight {flight[0]} {trip.origin} to {trip.city}, {depart} to {back}"
    return _confirm("create_invoice", text, email=trip.email, amount=flight[2], description=what)


def _flights(trip: Trip) -> list[tuple[str, str, str]]:
    return FLIGHT.findall(trip.flights)


def _problem(note: str) -> str | None:
    """What to tell the user of a note of the workflow's, if it tells of trouble."""
    if note.startswith("That was not shown to the user."):
        reason = note.removeprefix("That was not shown to the user. ").removesuffix(
            ". Mend it, or ask."
        )
        return f"That does not work: {reason}. What would you like instead?"
    if " failed, " in note or " was refused, " in note:
        return f"I am sorry. {note} What would you like to do?"
    return None


def _by_ordinal(found: list[tuple[str, str, str]], text: str) -> list[tuple[str, str, str]]:
    named = [n for n, words in enumerate(ORDINALS) if re.search(words, text, re.IGNORECASE)]
    return [found[n] for n in named if n < len(found)]


def _ask(text: str) -> Reply:
    return _step("question", text)


def _confirm(tool: str, text: str, **values: str | None) -> Reply:
    return _step("confirm", text, tool, values)


def _step(
    next: str, response: str, tool: str | None = None, values: dict[str, str | None] | None = None
) -> Reply:
    args = [{"name": name, "value": value} for name, value in (values or {}).items()]
    return obj({"next": next, "tool": tool, "args": args, "response": response})


def summarize(seen: ModelRequest) -> Reply | None:
    """Say in two sentences what the user wants, and what there is."""
    if "Sum up this conversation in exactly two sentences" not in seen.instructions:
        return None
    items = [(item["role"], text_of(item.get("content"))) for item in seen.items if "role" in item]
    first = next((text for role, text in items if role == "user"), "nothing yet")
    results = [text.splitlines()[0] for role, text in items if role == "developer"]
    said = first.splitlines()[0].rstrip(".!?")
    return say(f'The user said: "{said}". So far there is: {"; ".join(results) or "nothing"}.')


RULES = [validate, plan, summarize]
