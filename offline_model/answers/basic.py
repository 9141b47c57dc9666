"""What the model says in basic/."""

import re

from offline_model.json_text import text_of
from offline_model.model_reply import Reply, call, call_all, obj, say
from offline_model.model_request import ModelRequest

HAIKU_ON = {
    "recursion": "A call to itself,\neach time a smaller mirror,\nthen the base case holds.",
    "joke": "Why did the loop laugh?\nIt heard its own joke again\nand again, again.",
}
HAIKU = "You asked, and I wrote\nwhat a stand-in can compose:\nfive, seven, then five."


def haiku(seen: ModelRequest) -> Reply | None:
    """Write a haiku, on the subject where there is one in stock."""
    if "respond in haikus" not in seen.instructions.lower():
        return None
    words = re.findall(r"\w+", seen.user_text.lower())
    return say(next((text for word, text in HAIKU_ON.items() if word in words), HAIKU))


def in_style(seen: ModelRequest) -> Reply | None:
    """Tell a joke as a pirate or a robot."""
    if "as a pirate" in seen.instructions:
        return say("Arr! Why be pirates called pirates? Because they arrr, matey!")
    if "as a robot" in seen.instructions:
        return say("Beep boop. Why was the robot tired? It had a hard drive. Beep boop.")
    return None


def weather(seen: ModelRequest) -> Reply | None:
    """Look up a city and convert degrees, whichever is asked for; then report."""
    if "get_weather" not in seen.tools:
        return None
    city = re.search(r"\bin ((?:[A-Z]\w+ ?)+)", seen.user_text)
    degrees = re.search(r"(-?\d+(?:\.\d+)?) ?°?C\b", seen.user_text)
    calls = []
    if city and seen.can_call("get_weather"):
        calls.append(call("get_weather", city=city[1].strip()))
    if degrees and seen.can_call("to_fahrenheit"):
        calls.append(call("to_fahrenheit", celsius=float(degrees[1])))
    if calls:
        return call_all(*calls)
    reports = [_report(result) for results in seen.tool_results.values() for result in results]
    return say(" ".join(reports)) if reports else None


def _report(result: str) -> str:
    found = dict(re.findall(r"'(\w+)': '([^']*)'", result))
    if "city" not in found:
        return result if result.endswith(".") else f"That is {result}."
    return f"{found['city']}: {found['temperature_range']}, {found['conditions']}."


def number(seen: ModelRequest) -> Reply | None:
    """Draw a number; return an even one, have an odd one doubled."""
    if seen.can_call("random_number"):
        return call("random_number", maximum=int(re.findall(r"\d+", seen.user_text)[-1]))
    drawn = seen.tool_results.get("random_number")
    if not drawn:
        return None
    if seen.can_call("multiply_by_two"):
        return call("multiply_by_two", number=int(drawn[0]))
    if product := seen.tool_results.get("multiply_by_two"):
        return obj({"number": int(product[0])})
    if int(drawn[0]) % 2 and seen.can_call("transfer_to_multiply_agent"):
        return call("transfer_to_multiply_agent")
    return obj({"number": int(drawn[0])})


def recipe(seen: ModelRequest) -> Reply | None:
    """Read amounts and ingredients out of a list like "2 eggs, 200 g flour and a pinch of salt"."""
    if "ingredients of the recipe" not in seen.instructions:
        return None
    ingredients = {}
    for part in re.split(r",|\band\b", seen.user_text.split(":")[-1]):
        found = re.search(r"(\d+ (?:g|kg|ml|l)\b|\d+|a \w+(?= of))(?: of)? (\w+)", part)
        if found:
            ingredients[found[2]] = found[1]
    return obj({"ingredients": ingredients})


def brazil(seen: ModelRequest) -> Reply | None:
    """Know one country; the follow-up only makes sense with the conversation before it."""
    if "largest country in South America" in seen.user_text:
        return say("Brazil is the largest country in South America.")
    if "capital of that country" in seen.user_text:
        said = " ".join(text_of(item.get("content")) for item in seen.items)
        if "Brazil" in said:
            return say("The capital of Brazil is Brasília.")
        return say("Which country do you mean?")
    return None


RULES = [haiku, in_style, weather, number, recipe, brazil]
