"""Looks up frequently asked questions in a file."""

import asyncio
import re
from pathlib import Path

from temporalio import activity

FAQ = Path(__file__).parent.parent / "data" / "faq.md"


@activity.defn
async def faq_lookup(question: str) -> str:
    """Look up a frequently asked question: baggage, seats, wifi, check-in, pets, meals.

    Args:
        question: The question, in the customer's words.
    """
    text = await asyncio.to_thread(FAQ.read_text, encoding="utf-8")
    asked = set(re.findall(r"[a-z]+", question.lower().replace("-", "")))
    sections = [section.partition("\n") for section in text.split("\n## ")[1:]]
    found = [
        " ".join(answer.split()) for words, _, answer in sections if asked & set(words.split(", "))
    ]
    return " ".join(found) or "The FAQ does not answer this question."
