"""Scripted answers for basic/."""

import re

from offline_model.json_text import text_of
from offline_model.model_reply import Reply, call, call_all, obj, say
from offline_model.model_request import ModelRequest

HAIKU_ON = {
    "recursion": "A call to itself,\neach time a smaller mirror,\nthen the base case holds.",
    "joke": "Why did the loop laugh?\nIt heard its own joke again\nand again, again.",
}
HAIKU = "You asked, and I wrote\nwhat a script can still compose:\nfive, seven, then five."


def haiku(request: ModelRequest) -> Reply | None:
    """Return a haiku, about the subject of the prompt if there is one."""
    if "respond in haikus" not in request.instructions.lower():
        return None
    words = re.findall(r"\w+", request.user_text.lower())
    return say(next((text for word, text in HAIKU_ON.items() if word in words), HAIKU))


def in_style(request: ModelRequest) -> Reply | None:
    """Return a joke in the voice of a pirate or a robot."""
    if "as a pirate" in request.instructions:
        return say("Arr! Why be pirates called pirates? Because they arrr, matey!")
    if "as a robot" in request.instructions:
        return say("Beep boop. Why was the robot tired? It had a hard drive. Beep boop.")
    return None


def weather(request: ModelRequest) -> Reply | None:
    """Look up a city, convert degrees, or both; then report the results."""
    if "get_weather" not in request.tools:
        return None
    city = re.search(r"\bin ((?:[A-Z]\w+ ?)+)", request.user_text)
    degrees = re.search(r"(-?\d+(?:\.\d+)?) ?°?C\b", request.user_text)
    calls = []
    if city and request.can_call("get_weather"):
        calls.append(call("get_weather", city=city[1].strip()))
    if degrees and request.can_call("to_fahrenheit"):
        calls.append(call("to_fahrenheit", celsius=float(degrees[1])))
    if calls:
        return call_all(*calls)
    reports = [_report(result) for results in request.tool_results.values() for result in results]
    return say(" ".join(reports)) if reports else None


def _report(result: str) -> str:
    found = dict(re.findall(r"'(\w+)': '([^']*)'", result))
    if "city" not in found:
        return result if result.endswith(".") else f"That is {result}."
    return f"{found['city']}: {found['temperature_range']}, {found['conditions']}."


def number(request: ModelRequest) -> Reply | None:
    """Draw a number; return it if it is even, hand it off for doubling if it is odd."""
    if request.can_call("random_number"):
        return call("random_number", maximum=int(re.findall(r"\d+", request.user_text)[-1]))
    drawn = request.tool_results.get("random_number")
    if not drawn:
        return None
    if request.can_call("multiply_by_two"):
        return call("multiply_by_two", number=int(drawn[0]))
    if product := request.tool_results.get("multiply_by_two"):
        return obj({"number": int(product[0])})
    if int(drawn[0]) % 2 and request.can_call("transfer_to_multiply_agent"):
        return call("transfer_to_multiply_agent")
    return obj({"number": int(drawn[0])})


def recipe(request: ModelRequest) -> Reply | None:
    """Extract ingredients from a list like "2 eggs, 200 g flour and a pinch of salt"."""
    if "ingredients of the recipe" not in request.instructions:
        return None
    ingredients = {}
    for part in re.split(r",|\band\b", request.user_text.split(":")[-1]):
        found = re.search(r"(\d+ (?:g|kg|ml|l)\b|\d+|a \w+(?= of))(?: of)? (\w+)", part)
        if found:
            ingredients[found[2]] = found[1]
    return obj({"ingredients": ingredients})


def brazil(request: ModelRequest) -> Reply | None:
    """Answer a question about Brazil, and a follow-up if the conversation names the country."""
    if "largest country in South America" in request.user_text:
        return say("Brazil is the largest country in South America.")
    if "capital of that country" in request.user_text:
        messages = " ".join(text_of(item.get("content")) for item in request.items)
        if "Brazil" in messages:
            return say("The capital of Brazil is Brasília.")
        return say("Which country do you mean?")
    return None


RULES = [haiku, in_style, weather, number, recipe, brazil]
