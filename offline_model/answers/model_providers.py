"""Scripted answers for model_providers/."""

import re

from offline_model.model_reply import Reply, call, say
from offline_model.model_request import ModelRequest


def sky(request: ModelRequest) -> Reply | None:
    """Explain why the sky is blue. Other questions get the fallback."""
    if "one sentence is enough" in request.instructions and "sky" in request.user_text.lower():
        return say("Air scatters blue light more than red light, so the whole sky looks blue.")
    return None


def diary(request: ModelRequest) -> Reply | None:
    """Search the diary for the longest word of the question, and quote the result."""
    if "search_diary" not in request.tools:
        return None
    if found := request.tool_results.get("search_diary"):
        return say(f"Your diary says: {found[0]}")
    words = re.findall(r"[a-z]{4,}", request.user_text.lower())
    return (
        call("search_diary", word=max(words, key=len, default="diary"))
        if request.can_call("search_diary")
        else None
    )


RULES = [sky, diary]
