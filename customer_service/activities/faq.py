"""Looks up frequent questions in a file."""

import asyncio
import re
from pathlib import Path

from temporalio import activity

FAQ = Path(__file__).parent.parent / "data" / "faq.md"
SECTION = re.compile(r"^## (?P<words>.+)\n+(?P<answer>(?:(?!## ).*\n?)+)", re.MULTILINE)


@activity.defn
async def faq_lookup(question: str) -> str:
    """Look up a frequent question: baggage, seats, wifi, check-in, pets, meals.

    Args:
        question: The question, in the customer's words.
    """
    text = await asyncio.to_thread(FAQ.read_text, encoding="utf-8")
    asked = set(re.findall(r"[a-z]+", question.lower().replace("-", "")))
    found = [
        " ".join(section["answer"].split())
        for section in SECTION.finditer(text)
        if asked & set(section["words"].split(", "))
    ]
    return " ".join(found) or "The frequent questions have no answer to this."
