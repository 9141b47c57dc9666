"""What the model says in mcp_servers/."""

import re

from offline_model.model_reply import Reply, call, call_all, say
from offline_model.model_request import ModelRequest

QUANTITY = re.compile(r"(-?\d+(?:[.,]\d+)?) ?(km|mi|m|ft|kg|g|lb|oz|C|F)\b(?: in (\w+))?")
USUAL = {"km": "mi", "mi": "km", "m": "ft", "ft": "m", "kg": "lb", "lb": "kg", "g": "oz", "oz": "g"}
USUAL |= {"C": "F", "F": "C"}
COMMON = set(
    re.findall(r"\w+", "a an and are at can do does for how in is it many may much of on or")
)
COMMON |= set(
    re.findall(r"\w+", "read say says tell the they to was what when where which who with")
)


def files(seen: ModelRequest) -> Reply | None:
    """Search for the rarest word of the question; tell the line that fits best."""
    if "Answer from the files alone" not in seen.instructions:
        return None
    if named := re.search(r"[\w./-]+\.\w+", seen.user_text):
        if seen.can_call("read_file"):
            return call("read_file", name=named[0])
        return say(" ".join(seen.tool_results["read_file"][-1].split())[:300])
    words = sorted(_words(seen.user_text), key=len, reverse=True)
    if words and seen.can_call("search_files"):
        return call("search_files", text=words[0])
    found = "\n".join(seen.tool_results.get("search_files", [])).splitlines()
    best = max(found, key=lambda line: len(_words(line) & _words(seen.user_text)), default="")
    file, _, line = best.partition(": ")
    if not line or best.startswith("The call failed"):
        return say(f"The files do not say that. {best}".strip())
    return say(f"{line} ({file})")


def units(seen: ModelRequest) -> Reply | None:
    """Convert each quantity in the question."""
    if "Never convert units yourself" not in seen.instructions:
        return None
    if results := seen.tool_results.get("convert"):
        return say("; ".join(results) + ".")
    calls = [
        call("convert", value=float(value.replace(",", ".")), unit=unit, to=_target(unit, wanted))
        for value, unit, wanted in QUANTITY.findall(seen.user_text)
    ]
    if calls and seen.can_call("convert"):
        return call_all(*calls)
    return say("I see no quantity with a unit that I know.")


def _target(unit: str, wanted: str) -> str:
    """Return the unit that is asked for, or else the usual other one."""
    return wanted if wanted in USUAL else USUAL[unit]


def train(seen: ModelRequest) -> Reply | None:
    """Look the departures up, and take the first after the time that was asked for."""
    if "from the timetable alone" not in seen.instructions:
        return None
    route = re.search(r"from (\w+) to (\w+)", seen.user_text)
    if not route:
        return say("From where to where?")
    if seen.can_call("departures"):
        return call("departures", origin=route[1], destination=route[2])
    answer = "\n".join(seen.tool_results.get("departures", []))
    times = re.findall(r"\d\d:\d\d", answer)
    if not times:
        return say(f"I cannot say. {answer}".strip())
    wanted = re.findall(r"\d\d:\d\d", seen.user_text) or ["00:00"]
    later = [time for time in times if time >= wanted[0]]
    if not later:
        return say(f"After {wanted[0]} none leaves {route[1]} for {route[2]}.")
    return say(f"Take the train at {later[0]} from {route[1]} to {route[2]}.")


def review(seen: ModelRequest) -> Reply | None:
    """Find a division whose divisor may be zero, or nothing."""
    if "You review code for the team" not in seen.instructions:
        return None
    for number, line in enumerate(seen.user_text.splitlines(), 1):
        if "/ len(" in line:
            return say(f"Line {number}: without any values this divides by zero.")
        if re.search(r"except\s*:", line):
            return say(f"Line {number}: a bare except hides every error.")
    return say("Nothing to find.")


def thinking(seen: ModelRequest) -> Reply | None:
    """Write three notes, one after the other, then read them."""
    if "Think about the topic on a scratchpad" not in seen.instructions:
        return None
    written = seen.tool_results.get("add_note", [])
    ideas = [
        f"Who needs {seen.user_text}: ask ten people first.",
        f"What {seen.user_text} costs: rent, time, repairs.",
        f"What could go wrong with {seen.user_text}, and who then helps.",
    ]
    if len(written) < len(ideas) and "add_note" in seen.tools:
        return call("add_note", text=ideas[len(written)])
    if seen.can_call("list_notes"):
        return call("list_notes")
    return say("\n".join(seen.tool_results.get("list_notes", ["Nothing was noted."])))


def _words(text: str) -> set[str]:
    """Return the words that say something, cut short: "opens" and "open" are the same."""
    return {word[:7] for word in re.findall(r"\w+", text.lower()) if word not in COMMON}


RULES = [files, units, train, review, thinking]
