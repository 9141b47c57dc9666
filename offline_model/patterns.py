"""The shortest text that a regular expression matches."""

import importlib
import re
from collections.abc import Iterable
from typing import Any

# Python has no public way to read a regular expression's parts. Hypothesis uses this module too.
_parser: Any = importlib.import_module("re._parser")

_OF_CATEGORY = {
    "CATEGORY_DIGIT": "1",
    "CATEGORY_NOT_DIGIT": "a",
    "CATEGORY_WORD": "a",
    "CATEGORY_NOT_WORD": "-",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": "a",
}
_SAMPLE = "a1A -_.,:;/@#!xyzXYZ0"


def text_matching(pattern: str) -> str | None:
    """Return a text that the pattern matches, or None for what is not supported here."""
    try:
        text = _join(_parser.parse(pattern))
        return text if re.search(pattern, text) else None
    except (re.error, NotImplementedError):
        return None


def _join(parts: Iterable[Any]) -> str:
    return "".join(_text(str(kind), value) for kind, value in parts)


def _text(kind: str, value: Any) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return "a" if value != ord("a") else "b"
        case "ANY":
            return "a"
        case "AT" | "ASSERT" | "ASSERT_NOT":
            return ""
        case "IN":
            return _one_of(value)
        case "BRANCH":
            return _join(value[1][0])
        case "SUBPATTERN":
            return _join(value[-1])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _join(value[2]) * int(value[0])
        case _:
            raise NotImplementedError(kind)


def _one_of(options: Any) -> str:
    """Return a character of a class such as `[a-z_]` or `[^,]`."""
    kind, value = str(options[0][0]), options[0][1]
    if kind == "NEGATE":
        return next(c for c in _SAMPLE if not any(_holds(option, c) for option in options[1:]))
    if kind == "RANGE":
        return chr(value[0])
    return _OF_CATEGORY[str(value)] if kind == "CATEGORY" else chr(value)


def _holds(option: Any, character: str) -> bool:
    kind, value = str(option[0]), option[1]
    if kind == "RANGE":
        return bool(value[0] <= ord(character) <= value[1])
    if kind == "CATEGORY":
        return _OF_CATEGORY[str(value)] == character
    return bool(value == ord(character))
