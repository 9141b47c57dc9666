"""Scripted answers for handoffs/."""

import re

from offline_model.json_text import text_of
from offline_model.model_reply import Reply, call, reasoning, say, together
from offline_model.model_request import ModelRequest


def assistant(request: ModelRequest) -> Reply | None:
    """Greet, draw a number, and hand off when the user speaks Spanish."""
    if "speaks Spanish, hand off to the Spanish agent" not in request.instructions:
        return None
    if "español" in request.user_text and request.can_call("transfer_to_spanish_agent"):
        return call("transfer_to_spanish_agent")
    if "Draw a number" in request.user_text and request.can_call("draw_lot"):
        return call("draw_lot", highest=100)
    if drawn := request.tool_results.get("draw_lot"):
        return together(reasoning(), say(f"Your number is {drawn[0]}."))
    if name := re.search(r"my name is (.+)\.", request.user_text):
        return say(f"Hello, {name[1]}!")
    if place := re.search(r"I live in (.+)\.", request.user_text):
        return say(f"I hear {place[1]} is lively.")
    return None


def spanish(request: ModelRequest) -> Reply | None:
    """Answer from the conversation, and say what it does not contain."""
    if (
        "You only speak Spanish" not in request.instructions
        or "Cómo me llamo" not in request.user_text
    ):
        return None
    conversation = " ".join(
        text_of(item.get("content")) for item in request.items if "role" in item
    )
    name = re.search(r"my name is (.+?)\.", conversation)
    number = re.search(r"number is (\d+)", conversation)
    answer = f"Te llamas {name[1]}." if name else "No sé cómo te llamas."
    return say(f"{answer} Te tocó el {number[1]}." if number else answer)


RULES = [assistant, spanish]
