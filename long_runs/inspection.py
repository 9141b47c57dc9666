"""The data of this topic: inspection reports of bridges, always the same for a number."""

from random import Random

from agents import TResponseInputItem

MAX_REPORTS = 300
REPORT_CHARACTERS = 5_000
MESSAGE_CHARACTERS = 4_000
CHARACTERS_PER_TOKEN = 4

URGENT = "Verdict: urgent"
NO_ACTION = "Verdict: no action needed"

WORDS = """
    abutment anchor angle approach arch beam bearing bolt brace bracket cable camber cap chord clear
    coating column concrete corrosion crack crossbeam curb damp deck deflection depth drain edge
    expansion fatigue field fill flange footing frame gap gauge girder grade grout guard gusset
    hairline hanger hinge inspected joint lateral layer level light load loose lower main masonry
    measured member moderate mortar moss north paint panel pavement pier pile pin plate point pylon
    railing reading rebar repair replace rivet rust sample scour section settlement shear sheet side
    slab slight south spalling span stain steel stiffener stone strain strand strut surface tension
    timber torque tower truss upper visible wall water wear web weld width wing wire worn
"""


def report_text(number: int) -> str:
    """Return report `number`: 5,000 characters that end with a verdict. Every seventh is urgent."""
    verdict = URGENT if number % 7 == 0 else NO_ACTION
    head, end = f"Inspection report {number}.", f"{verdict}."
    return f"{head} {_words(number, REPORT_CHARACTERS - len(head) - len(end) - 2)} {end}"


def earlier_conversation(tokens: int) -> list[TResponseInputItem]:
    """Return an earlier conversation of about `tokens` tokens, in messages of 1,000 tokens."""
    count = tokens * CHARACTERS_PER_TOKEN // MESSAGE_CHARACTERS
    return [
        {"role": "assistant" if n % 2 else "user", "content": _words(-1 - n, MESSAGE_CHARACTERS)}
        for n in range(count)
    ]


def _words(seed: int, characters: int) -> str:
    """Return random words; they compress about as well as prose."""
    return " ".join(Random(seed).choices(WORDS.split(), k=characters // 4))[:characters]
