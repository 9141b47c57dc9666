"""What the model says in handoffs/."""

import re

from offline_model.json_text import text_of
from offline_model.model_reply import Reply, call, reasoning, say, together
from offline_model.model_request import ModelRequest


def assistant(seen: ModelRequest) -> Reply | None:
    """Greet, draw a lot, and hand over whoever speaks Spanish."""
    if "speaks Spanish, hand off to the Spanish agent" not in seen.instructions:
        return None
    if "español" in seen.user_text and seen.can_call("transfer_to_spanish_agent"):
        return call("transfer_to_spanish_agent")
    if "Draw a lot" in seen.user_text and seen.can_call("draw_lot"):
        return call("draw_lot", highest=100)
    if drawn := seen.tool_results.get("draw_lot"):
        return together(reasoning(), say(f"Your number is {drawn[0]}."))
    if name := re.search(r"my name is (.+)\.", seen.user_text):
        return say(f"Hello, {name[1]}!")
    if place := re.search(r"I live in (.+)\.", seen.user_text):
        return say(f"I hear {place[1]} is lively.")
    return None


def spanish(seen: ModelRequest) -> Reply | None:
    """Tell what can be known from the conversation, and what cannot."""
    if "You only speak Spanish" not in seen.instructions or "Cómo me llamo" not in seen.user_text:
        return None
    said = " ".join(text_of(item.get("content")) for item in seen.items if "role" in item)
    name = re.search(r"my name is (.+?)\.", said)
    number = re.search(r"number is (\d+)", said)
    who = f"Te llamas {name[1]}." if name else "No sé cómo te llamas."
    return say(f"{who} Te tocó el {number[1]}." if number else who)


RULES = [assistant, spanish]
