"""The user's words: names, quotes and numbers in them, and how well a tool fits them."""

import re
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Self

_QUOTED = re.compile(r"[\"“«]([^\"”»]+)[\"”»]|(?<!\w)'([^']+)'(?!\w)")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\w)")
_PLACE = re.compile(r"\b(?:in|at|near|from|to)\s+(?:the\s+)?([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+")
# Capitalised words in a row, not at the start of a sentence.
_NAME = re.compile(r"(?<=[^.!?:\s] )(?!I\b)[A-Z]\w*(?: [A-Z]\w*)*")
_MAX_CHARACTERS = 300

# Words that say nothing about the purpose of a tool.
_STOP_WORDS = set(
    re.findall(
        r"\w+",
        """
        a about agent all an and any are as at be by call can do does fetch find for from get give
        given handle handoff has have help how i in is it its look make me my no not of on or
        please request return say tell that the them then these they this to tool transfer up use
        user want was we what when where which who why will with would you your
        """,
    )
)


@dataclass(frozen=True)
class Words:
    """The parts of a text that can fill in arguments.

    Attributes:
        text: The text itself.
        quoted: Texts in quotation marks.
        names: Capitalised names inside sentences: "New York" of "Weather in New York?".
        numbers: In order of appearance.
    """

    text: str
    quoted: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a text."""
        return cls(
            text,
            quoted=[double or single for double, single in _QUOTED.findall(text)],
            names=_NAME.findall(text) or _PLACE.findall(text),
            numbers=numbers_in(text),
        )


def numbers_in(text: str) -> list[float]:
    """Return the numbers in a text. Those without a decimal point are integers."""
    return [float(n) if "." in n else int(n) for n in _NUMBER.findall(text)]


def fit(name: str, description: str, text: str) -> int:
    """Rate how well a tool or field fits a text. A word of its name counts double."""
    words = stems(text)
    return 2 * len(stems(name) & words) + len(stems(description) - stems(name) & words)


def stems(text: str) -> set[str]:
    """Return the words of a text, shortened: "multiplies" and "multiply" have one stem."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)  # CamelCase
    found = _WORD.findall(parts.replace("_", " ").lower())
    return {word.rstrip("s")[:5] for word in found if word not in _STOP_WORDS}


def shortened(text: str) -> str:
    """Return a text of at most 300 characters, in one line."""
    return shorten(text, _MAX_CHARACTERS, placeholder=" …")
