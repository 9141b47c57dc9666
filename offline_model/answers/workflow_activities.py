"""What the model says in workflow_activities/."""

import re

from offline_model.json_text import text_of
from offline_model.model_reply import Reply, say
from offline_model.model_request import ModelRequest

EMPTY = set(re.findall(r"\w+", "a an and are at do does for how in is many of the what when"))


def notes(seen: ModelRequest) -> Reply | None:
    """Note what is told; answer with the fact that shares the most words with the question."""
    if "You keep the notes of a task" not in seen.instructions:
        return None
    text = seen.user_text.strip()
    if not text.endswith("?"):
        return say(f"Noted: {text}")
    told = [text_of(item.get("content")) for item in seen.items if item.get("role") == "user"]
    facts = [fact for fact in told if not fact.strip().endswith("?")]
    asked = _words(text)
    best = max(facts, key=lambda fact: len(asked & _words(fact)), default="")
    if asked & _words(best):
        return say(f"You told me: {best}")
    return say("You have not told me.")


def _words(text: str) -> set[str]:
    """Return the words that say something, cut short: "opens" and "open" are the same."""
    return {word[:4] for word in re.findall(r"\w+", text.lower()) if word not in EMPTY}


RULES = [notes]
