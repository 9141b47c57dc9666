"""Scripted answers for mcp_servers/."""

import re

from offline_model.model_reply import Reply, call, call_all, say
from offline_model.model_request import ModelRequest
from offline_model.words import stems

QUANTITY = re.compile(r"(-?\d+(?:[.,]\d+)?) ?(km|mi|m|ft|kg|g|lb|oz|C|F)\b(?: in (\w+))?")
COUNTERPARTS = {
    "km": "mi",
    "mi": "km",
    "m": "ft",
    "ft": "m",
    "kg": "lb",
    "lb": "kg",
    "g": "oz",
    "oz": "g",
    "C": "F",
    "F": "C",
}


def files(request: ModelRequest) -> Reply | None:
    """Search for the longest word in the question; answer with the best matching line."""
    if "Answer from the files alone" not in request.instructions:
        return None
    if named := re.search(r"[\w./-]+\.\w+", request.user_text):
        if request.can_call("read_file"):
            return call("read_file", name=named[0])
        return say(" ".join(request.tool_results["read_file"][-1].split())[:300])
    words = [word for word in re.findall(r"\w+", request.user_text) if stems(word)]
    if words and request.can_call("search_files"):
        return call("search_files", text=max(words, key=len)[:7])
    found = "\n".join(request.tool_results.get("search_files", [])).splitlines()
    best = max(found, key=lambda line: len(stems(line) & stems(request.user_text)), default="")
    file, _, line = best.partition(": ")
    if not line or best.startswith("The call failed"):
        return say(f"The files do not contain the answer. {best}".strip())
    return say(f"{line} ({file})")


def units(request: ModelRequest) -> Reply | None:
    """Convert every quantity in the question."""
    if "Never convert units yourself" not in request.instructions:
        return None
    if results := request.tool_results.get("convert"):
        return say("; ".join(results) + ".")
    calls = [
        call("convert", value=float(value.replace(",", ".")), unit=unit, to=_target(unit, wanted))
        for value, unit, wanted in QUANTITY.findall(request.user_text)
    ]
    if calls and request.can_call("convert"):
        return call_all(*calls)
    return say("The question has no quantity with a known unit.")


def _target(unit: str, wanted: str) -> str:
    """Return the requested unit, or the counterpart of `unit`."""
    return wanted if wanted in COUNTERPARTS else COUNTERPARTS[unit]


def train(request: ModelRequest) -> Reply | None:
    """Look up the departures; answer with the first one after the requested time."""
    if "from the timetable alone" not in request.instructions:
        return None
    route = re.search(r"from (\w+) to (\w+)", request.user_text)
    if not route:
        return say("Which origin and destination?")
    if request.can_call("departures"):
        return call("departures", origin=route[1], destination=route[2])
    answer = "\n".join(request.tool_results.get("departures", []))
    times = re.findall(r"\d\d:\d\d", answer)
    if not times:
        return say(f"The timetable does not say. {answer}".strip())
    wanted = re.findall(r"\d\d:\d\d", request.user_text) or ["00:00"]
    later = [time for time in times if time >= wanted[0]]
    if not later:
        return say(f"No train leaves {route[1]} for {route[2]} after {wanted[0]}.")
    return say(f"Take the train at {later[0]} from {route[1]} to {route[2]}.")


def review(request: ModelRequest) -> Reply | None:
    """Report a possible division by zero, or a bare except."""
    if "You review code for the team" not in request.instructions:
        return None
    for number, line in enumerate(request.user_text.splitlines(), 1):
        if "/ len(" in line:
            return say(f"Line {number}: an empty list causes a division by zero.")
        if re.search(r"except\s*:", line):
            return say(f"Line {number}: a bare except hides all errors.")
    return say("No findings.")


def thinking(request: ModelRequest) -> Reply | None:
    """Write three notes, one at a time, then read them."""
    if "Think about the topic on a scratchpad" not in request.instructions:
        return None
    written = request.tool_results.get("add_note", [])
    ideas = [
        f"Who needs {request.user_text}: interview ten people first.",
        f"What {request.user_text} costs: rent, staff, repairs.",
        f"What could go wrong with {request.user_text}, and who can help.",
    ]
    if len(written) < len(ideas) and "add_note" in request.tools:
        return call("add_note", text=ideas[len(written)])
    if request.can_call("list_notes"):
        return call("list_notes")
    return say("\n".join(request.tool_results.get("list_notes", ["No notes."])))


RULES = [files, units, train, review, thinking]
