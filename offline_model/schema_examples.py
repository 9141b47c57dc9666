"""Examples of a JSON Schema, made from the user's words where these fit."""

import math
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import rstr
from jsonschema import Draft202012Validator
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY

from offline_model.api_errors import ApiError
from offline_model.json_text import Json
from offline_model.words import Words, fit, stems

# The pattern of a format among the user's words, and a default.
_FORMATS = {
    "date": (r"\d{4}-\d\d-\d\d", "2026-01-31"),
    "date-time": (r"\d{4}-\d\d-\d\dT\S+", "2026-01-31T12:00:00Z"),
    "time": (r"\d\d:\d\d(:\d\d)?", "12:00:00Z"),
    "duration": (r"P\S+", "P1D"),
    "email": (r"\S+@\S+\.\w+", "someone@example.com"),
    "uri": (r"https?://\S+", "https://example.com/"),
    "url": (r"https?://\S+", "https://example.com/"),
    "uuid": (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "00000000-0000-4000-8000-000000000000"),
    "ipv4": (r"\d+\.\d+\.\d+\.\d+", "192.0.2.1"),
    "ipv6": (r"[0-9a-f:]*:[0-9a-f:]+", "2001:db8::1"),
    "ipvanyaddress": (r"\d+\.\d+\.\d+\.\d+", "192.0.2.1"),  # pydantic's own
    "hostname": (r"\w+(\.\w+)+", "example.com"),
}
# Fields that hold a name, not a sentence.
_NAME_FIELDS = stems(
    "city town place location country region origin destination name person customer author "
    "company organization airport product artist"
)
_GOOD_FIELDS = stems("ok good valid passed success approved verified correct accurate complete")

_MAX_PARTS = 10_000
_MAX_CHARACTERS = 1_000_000
_MAX_DUPLICATES = 100


def fits(value: object, schema: Json) -> bool:
    """Whether a value fits a JSON Schema.

    Raises:
        ApiError: The schema is invalid (400).
    """
    with _invalid_is_rejected():
        return bool(Draft202012Validator(schema, registry=EMPTY_REGISTRY).is_valid(value))


def example(schema: Json, words: Words) -> Any:
    """Return a value that fits the schema, always the same for the same schema and words.

    Raises:
        ApiError: The schema is invalid, or an example would have more than 10,000 parts or a text
            of more than 1,000,000 characters (400).
    """
    with _invalid_is_rejected():
        return _Example(schema, words).make(schema)


@contextmanager
def _invalid_is_rejected() -> Iterator[None]:
    try:
        yield
    except RecursionError as error:
        raise _invalid("it is nested too deep, or refers to itself without end") from error
    except (AttributeError, LookupError, TypeError, ValueError, re.error, Unresolvable) as error:
        raise _invalid(f"{type(error).__name__}: {error}") from error


def _invalid(reason: str) -> ApiError:
    return ApiError(400, f"Invalid schema: {reason}.", code="invalid_json_schema")


class _Example:
    """One walk over a schema. Each number of the text is used once.

    In its methods, `name` is the field's name, `nth` the position in a list, and `path` the
    references followed so far, which ends recursion.
    """

    def __init__(self, root: Json, words: Words) -> None:
        self._root = root
        self._words = words
        self._numbers = list(words.numbers)
        self._parts_left = _MAX_PARTS

    def make(self, schema: Any, name: str = "", nth: int = 0, path: tuple[str, ...] = ()) -> Any:
        schema, path = self._resolved(schema if isinstance(schema, dict) else {}, path)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choice(schema["enum"], nth)
        if branches := schema.get("anyOf") or schema.get("oneOf"):
            rest = {key: schema[key] for key in schema if key not in ("anyOf", "oneOf")}
            return self.make(rest | _branch(branches, path), name, nth, path)
        match _type(schema):
            case "object":
                return self._object(schema, path)
            case "array":
                return self._array(schema, name, path)
            case "integer" | "number":
                return self._number(schema, nth)
            case "boolean":
                mentioned = stems(name) & (stems(self._words.text) | _GOOD_FIELDS)
                return schema.get("default", bool(mentioned))
            case "null":
                return None
        texts = self._texts(schema, name, nth)
        return next((text for text in texts if fits(text, schema)), self._words.text)

    def _resolved(self, schema: Json, path: tuple[str, ...]) -> tuple[Json, tuple[str, ...]]:
        """Follow `$ref` and merge `allOf`."""
        self._count_part()
        while "$ref" in schema:
            self._count_part()
            reference = schema["$ref"]
            target: Any = self._root
            for key in reference.lstrip("#/").split("/") if reference != "#" else []:
                target = target[key.replace("~1", "/").replace("~0", "~")]
            schema = target | {key: schema[key] for key in schema if key != "$ref"}
            path = (*path, reference)
        merged = {key: schema[key] for key in schema if key != "allOf"}
        for part in schema.get("allOf", []):
            resolved, path = self._resolved(part, path)
            merged = _merged(resolved, merged)
        return merged, path

    def _count_part(self) -> None:
        self._parts_left -= 1
        if self._parts_left < 0:
            raise _invalid(f"an example has more than {_MAX_PARTS:,} parts")

    def _choice(self, options: list[Any], nth: int) -> Any:
        named = [option for option in options if stems(str(option)) & stems(self._words.text)]
        return named[0] if named and not nth else options[nth % len(options)]

    def _object(self, schema: Json, path: tuple[str, ...]) -> Json:
        required = schema.get("required", [])
        made = {
            name: self.make(part, name, path=path)
            for name, part in schema.get("properties", {}).items()
            if name in required or self._is_mentioned(name, part, path)
        }
        extra = schema.get("additionalProperties")
        while len(made) < schema.get("minProperties", 0):
            made[f"key{len(made) + 1}"] = self.make(extra, nth=len(made), path=path)
        return made

    def _is_mentioned(self, name: str, schema: Json, path: tuple[str, ...]) -> bool:
        """Whether the user's words concern an optional field that does not recurse."""
        mentioned = fit(name, schema.get("description", ""), self._words.text) > 0
        named = bool(stems(name) & _NAME_FIELDS and self._words.names)
        return schema.get("$ref") not in path and (mentioned or named)

    def _array(self, schema: Json, name: str, path: tuple[str, ...]) -> list[Any]:
        fixed, items = schema.get("prefixItems", []), schema.get("items", {})
        least = max(schema.get("minItems", 0), len(fixed))
        is_numbers = isinstance(items, dict) and items.get("type") in ("integer", "number")
        wanted = len(self._numbers) if is_numbers else 1
        if isinstance(items, dict) and items.get("$ref") in path:
            wanted = 0
        count = min(max(least, wanted), schema.get("maxItems", math.inf))
        if items is False or (fixed and not schema.get("items")):
            count = least
        made: list[Any] = []
        for nth in range(int(count) + _MAX_DUPLICATES):
            if len(made) == count:
                break
            part = fixed[len(made)] if len(made) < len(fixed) else items
            value = self.make(part, name, nth, path)
            if not schema.get("uniqueItems") or value not in made:
                made.append(value)
        return made

    def _number(self, schema: Json, nth: int) -> float:
        candidates = chain(self._numbers, _numbers(schema, nth), _numbers(schema, 0))
        found = next((number for number in candidates if fits(number, schema)), 0)
        if found in self._numbers:
            self._numbers.remove(found)
        return found

    def _texts(self, schema: Json, name: str, nth: int) -> Iterator[str]:
        """Yield candidates for a text, the best first."""
        words = self._words
        form = schema.get("format", name)
        if form in _FORMATS:
            pattern, default = _FORMATS[form]
            yield from (word for word in words.text.split() if re.fullmatch(pattern, word))
            yield default
        found = words.names + words.quoted if stems(name) & _NAME_FIELDS else words.quoted
        yield from found[nth:]
        if "default" in schema:
            yield str(schema["default"])
        text = f"{words.text} ({nth + 1})" if nth else words.text
        yield text
        yield from words.text.split()
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        if least > _MAX_CHARACTERS:
            raise _invalid(f"minLength is {least:,}; the limit is {_MAX_CHARACTERS:,}")
        yield (text or "offline ").ljust(least, ".")[:most]
        yield f"{nth + 1}".rjust(least, "0")[:most]
        if "pattern" in schema:
            yield rstr.Rstr(random.Random(schema["pattern"])).xeger(schema["pattern"])


def _branch(branches: list[Json], path: tuple[str, ...]) -> Json:
    """Return the first branch that is not null and does not recurse."""
    fresh = [branch for branch in branches if branch.get("$ref") not in path]
    return min(fresh or branches, key=lambda branch: branch.get("type") == "null")


def _type(schema: Json) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((each for each in kind if each != "null"), "null")
    if kind is None:
        kind = "object" if "properties" in schema else "array" if "items" in schema else ""
    return str(kind)


def _merged(one: Json, other: Json) -> Json:
    merged = one | other
    if "properties" in one and "properties" in other:
        merged["properties"] = one["properties"] | other["properties"]
    if "required" in one and "required" in other:
        merged["required"] = [*one["required"], *other["required"]]
    return merged


def _numbers(schema: Json, nth: int) -> Iterator[float]:
    """Yield numbers that may be within the schema's limits, the simplest first."""
    if "default" in schema:
        yield schema["default"]
    step = schema.get("multipleOf", 1)
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    yield (nth + 1) * step
    if low is not None:
        yield from (math.ceil(low / step + nth) * step, math.floor(low / step + 1 + nth) * step)
        yield low
    if high is not None:
        yield from (math.floor(high / step - nth) * step, math.ceil(high / step - 1 - nth) * step)
        yield high
    if low is not None and high is not None:
        yield from (low + (high - low) * part / 128 for part in (64 + nth, 0, 128))
