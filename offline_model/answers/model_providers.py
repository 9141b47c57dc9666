"""What the models say in model_providers/."""

import re

from offline_model.model_reply import Reply, call, say
from offline_model.model_request import ModelRequest


def sky(seen: ModelRequest) -> Reply | None:
    """Explain the sky; other questions go to the autopilot."""
    if "one sentence is enough" in seen.instructions and "sky" in seen.user_text.lower():
        return say("Air scatters blue light more than red, so blue reaches us from everywhere.")
    return None


def diary(seen: ModelRequest) -> Reply | None:
    """Search for the longest word of the question; tell what the diary says."""
    if "search_diary" not in seen.tools:
        return None
    if found := seen.tool_results.get("search_diary"):
        return say(f"Your diary says: {found[0]}")
    words = re.findall(r"[a-z]{4,}", seen.user_text.lower())
    return (
        call("search_diary", word=max(words, key=len, default="diary"))
        if seen.can_call("search_diary")
        else None
    )


RULES = [sky, diary]
