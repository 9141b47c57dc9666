"""Scripted answers for workflow_activities/."""

from offline_model.json_text import text_of
from offline_model.model_reply import Reply, say
from offline_model.model_request import ModelRequest
from offline_model.words import stems


def notes(seen: ModelRequest) -> Reply | None:
    """Confirm a fact; answer a question with the fact that shares the most words with it."""
    if "You keep the notes of a task" not in seen.instructions:
        return None
    text = seen.user_text.strip()
    if not text.endswith("?"):
        return say(f"Noted: {text}")
    texts = [text_of(item.get("content")) for item in seen.items if item.get("role") == "user"]
    facts = [fact for fact in texts if not fact.strip().endswith("?")]
    asked = stems(text)
    best = max(facts, key=lambda fact: len(asked & stems(fact)), default="")
    if asked & stems(best):
        return say(f"From your notes: {best}")
    return say("Your notes do not say.")


RULES = [notes]
