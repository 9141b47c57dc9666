"""Scripted answers for conversations/."""

import re

from offline_model.json_text import Json, text_of
from offline_model.model_reply import Reply, call, say
from offline_model.model_request import ModelRequest

PLACE = r"\b(shady|sunny) (balcony|garden|terrace|windowsill)\b"
PLANTS = {"shady": "ferns, mint and lettuce", "sunny": "tomatoes, basil and lavender"}
WATERING = {"shady": "twice a week", "sunny": "every morning"}

MEASUREMENTS = {
    "get_load": r"what is the load",
    "watch_load": r"watch (?:the load|it) for (\d+) seconds?",
    "benchmark_hashing": r"benchmark hashing for (\d+) seconds?",
}

SKY = {
    "mars": "No, the sky of Mars is butterscotch by day: dust scatters red light.",
    "evening": "In the evening, light crosses more air, which scatters the blue out of it.",
    "blue": "The sky is blue because air scatters blue light more than red.",
}


def gardener(seen: ModelRequest) -> Reply | None:
    """Give advice for the place that the user has described in this message or an earlier one."""
    if "You give gardening advice" not in seen.instructions:
        return None
    said = [text_of(item.get("content")) for item in seen.items if item.get("role") == "user"]
    places = re.findall(PLACE, " ".join(said).lower())
    if not places:
        return say("Is the place sunny or shady, and is it a balcony or a garden?")
    light, place = places[-1]
    if re.search(r"\bwater", seen.user_text, re.IGNORECASE):
        return say(f"Water your {light} {place} {WATERING[light]}, if the soil feels dry.")
    stock = "".join(re.findall(r" In stock: .*?\.", seen.instructions))
    return say(f"On a {light} {place}, {PLANTS[light]} grow well.{stock}")


def summary(seen: ModelRequest) -> Reply | None:
    """Sum up what the user has asked for."""
    if "Sum up this chat between a user and an assistant" not in seen.instructions:
        return None
    count = len(re.findall(r"^user: ", seen.user_text, re.MULTILINE))
    places = [f"{light} {place}" for light, place in re.findall(PLACE, seen.user_text.lower())]
    topic = f"plants for a {places[0]}" if places else "plants"
    return say(f"The user asked about {topic}, in {count} message{'s' * (count > 1)}.")


def measurements(seen: ModelRequest) -> Reply | None:
    """Take the requested measurements one after the other, then report their results.

    Several messages may be open: they steered the turn, or their turn was stopped.
    """
    if "You measure the machine that you run on" not in seen.instructions:
        return None
    items = _open_items(seen.items)
    text = " ".join(text_of(i.get("content")) for i in items if i.get("role") == "user").lower()
    names = {i["call_id"]: i["name"] for i in items if i.get("type") == "function_call"}
    for name, pattern in MEASUREMENTS.items():
        requested = re.search(pattern, text)
        skipped = name == "benchmark_hashing" and "skip the benchmark" in text
        if requested and name in seen.tools and name not in names.values() and not skipped:
            return call(name, **dict(zip(["seconds"], map(int, requested.groups()), strict=False)))
    results = {
        names[item["call_id"]]: text_of(item["output"])
        for item in items
        if item.get("type") == "function_call_output"
    }
    parts = [f"{name}: {result.rstrip('.')}." for name, result in results.items()]
    return say(" ".join(parts) or "I can tell you the load, watch it, or benchmark hashing.")


def sky(seen: ModelRequest) -> Reply | None:
    """Explain the colors of the sky. "It" is the sky only if an earlier message says so."""
    if "You answer questions about the sky" not in seen.instructions:
        return None
    asked = [text_of(item.get("content")) for item in seen.items if item.get("role") == "user"]
    if "sky" not in " ".join(asked).lower():
        return say("What do you mean by it?")
    question = seen.user_text.lower()
    known = (answer for word, answer in SKY.items() if word in question)
    return say(next(known, "I know why the sky is blue, and when it is red."))


def _open_items(items: list[Json]) -> list[Json]:
    """Return the items after the last answer of the model."""
    last = max((n for n, item in enumerate(items) if item.get("role") == "assistant"), default=-1)
    return items[last + 1 :]


RULES = [gardener, summary, measurements, sky]
