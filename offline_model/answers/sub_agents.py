"""Scripted answers for sub_agents/."""

import re

from offline_model.model_reply import Reply, call, call_all, obj, say
from offline_model.model_request import ModelRequest

CITY = re.compile(r"(?<=[\w,] )[A-Z]\w+")  # not the first word of a sentence


def delegate_research(request: ModelRequest) -> Reply | None:
    """Have each city researched in parallel, and then report all findings."""
    if "ask_researcher" not in request.tools:
        return None
    if results := request.tool_results.get("ask_researcher"):
        return say(" ".join(f"{text.rstrip('.')}." for text in results))
    cities = CITY.findall(request.user_text)[:10] or ["Lisbon"]
    return call_all(*(call("ask_researcher", task=f"What speaks for {city}?") for city in cities))


def research_city(request: ModelRequest) -> Reply | None:
    """Look up the city, and report whether there were facts about it."""
    if "look_up_city" not in request.tools:
        return None
    if results := request.tool_results.get("look_up_city"):
        found, _, text = results[0].rpartition("look_up_city was not done: ")
        return obj({"found": not found and text == results[0], "text": text})
    return call("look_up_city", city=CITY.findall(request.user_text)[-1])


def summarize_ticket(request: ModelRequest) -> Reply | None:
    """Summarize a ticket with its first sentence."""
    if "Summarize the support ticket" not in request.instructions:
        return None
    return say(request.user_text.partition(". ")[0] + ".")


RULES = [delegate_research, research_city, summarize_ticket]
