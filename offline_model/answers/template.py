"""Scripted answers for the agent in template/, from which `sample new` makes a project."""

import re

from offline_model.model_reply import Reply, call, say
from offline_model.model_request import ModelRequest

ZONES = {"oslo": "Europe/Oslo", "tokyo": "Asia/Tokyo", "lima": "America/Lima"}


def clock(request: ModelRequest) -> Reply | None:
    """Look up the time in a known city; then report it."""
    if "get_time" not in request.tools:
        return None
    city = next((name for name in ZONES if name in request.user_text.lower()), None)
    if city and request.can_call("get_time"):
        return call("get_time", timezone=ZONES[city])
    found = re.search(r"T(\d\d:\d\d)", str(request.tool_results.get("get_time")))
    return say(f"It is {found[1]} in {city.title()}.") if city and found else None


RULES = [clock]
