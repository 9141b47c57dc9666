"""Scripted answers for workflow_activities/."""

import re

from offline_model.json_text import text_of
from offline_model.model_reply import Reply, say
from offline_model.model_request import ModelRequest

STOP_WORDS = set(re.findall(r"\w+", "a an and are at do does for how in is many of the what when"))


def notes(seen: ModelRequest) -> Reply | None:
    """Confirm a fact; answer a question with the fact that shares the most words with it."""
    if "You keep the notes of a task" not in seen.instructions:
        return None
    text = seen.user_text.strip()
    if not text.endswith("?"):
        return say(f"Noted: {text}")
    texts = [text_of(item.get("content")) for item in seen.items if item.get("role") == "user"]
    facts = [fact for fact in texts if not fact.strip().endswith("?")]
    asked = _words(text)
    best = max(facts, key=lambda fact: len(asked & _words(fact)), default="")
    if asked & _words(best):
        return say(f"From your notes: {best}")
    return say("Your notes do not say.")


def _words(text: str) -> set[str]:
    """Return the stems of the significant words: "opens" and "open" are the same."""
    return {word[:4] for word in re.findall(r"\w+", text.lower()) if word not in STOP_WORDS}


RULES = [notes]
