"""Scripted answers for tracing/."""

import re

from offline_model.model_reply import Reply, call, say
from offline_model.model_request import ModelRequest


def pilot(request: ModelRequest) -> Reply | None:
    """Look up the harbor in the question, then answer with its tides."""
    if "get_high_waters" not in request.tools:
        return None
    harbor = re.search(r"\b(?:in|at) ([A-Z]\w+(?: [A-Z]\w+)*)", request.user_text)
    if harbor and request.can_call("get_high_waters"):
        return call("get_high_waters", harbor=harbor[1])
    if found := request.tool_results.get("get_high_waters"):
        return say(_sentence(found[0]))
    return None


def comparer(request: ModelRequest) -> Reply | None:
    """Answer with the harbor that has the highest tide."""
    if "tides that follow the question" not in request.instructions:
        return None
    heights = re.findall(r"^(\w+): .* ([\d.]+) m$", request.user_text, re.MULTILINE)
    if not heights:
        return None
    harbor, height = max(heights, key=lambda item: float(item[1]))
    return say(f"The highest tide is in {harbor}: {height} m.")


def harbor_master(request: ModelRequest) -> Reply | None:
    """Write a notice from the pilot's answer."""
    if "notice for the harbor's board" not in request.instructions:
        return None
    return say(f"NOTICE TO ALL SHIPS. {request.user_text.removeprefix('The pilot says: ')}")


def _sentence(result: str) -> str:
    found = re.fullmatch(r"(\w+): (.+), (.+)", result)
    return f"High water in {found[1]} is at {found[2]}, {found[3]} high." if found else result


RULES = [pilot, comparer, harbor_master]
