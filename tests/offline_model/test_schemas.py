"""Examples of JSON schemas: they fit the schema, and use the user's words."""

import datetime
import decimal
import enum
import random
import re
import uuid
from typing import Annotated, Any, Literal

import pytest
from agents.strict_schema import ensure_strict_json_schema
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import AnyUrl, BaseModel, Field, IPvAnyAddress, TypeAdapter

from offline_model.json_text import Json
from offline_model.schema_examples import example
from offline_model.words import Words

WORDS = [
    Words.of(text)
    for text in (
        "",
        "What is the weather in New York?",
        'Add 3 and -4.5 to "the list", please. ' * 20,
    )
]


class Color(enum.Enum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


class Node(BaseModel):
    """Something recursive."""

    name: str
    children: list["Node"] = []
    left: "Node | None"
    by_name: dict[str, "Node"]


class Add(BaseModel):
    """One half of a recursive union."""

    kind: Literal["add"]
    left: "Add | Number"
    right: "Add | Number"


class Number(BaseModel):
    """The other half."""

    kind: Literal["number"]
    value: float = Field(gt=0, lt=1)


class Search(BaseModel):
    """An item of a plan."""

    reason: str = Field(description="Why.", min_length=5)
    query: str = Field(max_length=20)


class Plan(BaseModel):
    """A list with limits."""

    searches: list[Search] = Field(min_length=5, max_length=20)


class Everything(BaseModel):
    """Many kinds of fields with limits."""

    flag: bool
    color: Color
    nothing: None
    small: int = Field(ge=1, le=3)
    even: int = Field(multiple_of=2, gt=4)
    negative: int = Field(lt=-10)
    ratio: float = Field(gt=0, lt=0.01)
    code: str = Field(pattern=r"^[A-Z]{3}-\d{2,4}$")
    long: str = Field(min_length=300)
    short: str = Field(max_length=3)
    numbers: set[int] = Field(min_length=3)
    colors: list[Color] = Field(min_length=2, max_length=2)
    pair: tuple[int, str]
    either: int | str | None
    maybe: Search | None = None
    amounts: dict[str, decimal.Decimal]
    price: decimal.Decimal = Field(ge=1, le=2)
    day: datetime.date
    moment: datetime.datetime
    time: datetime.time
    span: datetime.timedelta
    key: uuid.UUID
    link: AnyUrl
    address: IPvAnyAddress
    plan: Plan


TYPES: list[Any] = [
    Everything,
    Node,
    Add,
    Plan,
    list[Search],
    Annotated[list[int], Field(min_length=4)],
    dict[str, int],
    Annotated[dict[str, Plan], Field(min_length=2)],
    str | None,
    Literal["a", "b"],
]


@pytest.mark.parametrize("words", WORDS, ids=["none", "few", "many"])
@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_example_fits_the_type_of_its_schema(kind: Any, words: Words) -> None:
    adapter = TypeAdapter[Any](kind)

    adapter.validate_python(example(adapter.json_schema(), words))


@pytest.mark.parametrize("kind", [Node, Add, Plan])
def test_example_fits_the_strict_form_of_a_schema(kind: type[BaseModel]) -> None:
    schema = kind.model_json_schema()
    schema.get("$defs", {}).get("Node", {}).get("properties", {}).pop("by_name", None)
    strict = ensure_strict_json_schema(schema)

    Draft202012Validator(strict).validate(example(strict, WORDS[1]))


def random_schema(rng: random.Random, depth: int = 0) -> Json:
    """Return a satisfiable schema."""
    makers = [_text, _number, _choice, _simple, _array, _object, _union]
    return rng.choice(makers[:4] if depth > 3 else makers)(rng, depth)


def _text(rng: random.Random, _: int) -> Json:
    low = rng.randint(0, 30)
    limits = {"minLength": low, "maxLength": low + rng.randint(0, 20)}
    forms = ["date", "date-time", "email", "uri", "uuid", "ipv4"]
    return {"type": "string"} | rng.choice([limits, {}, {"format": rng.choice(forms)}])


def _number(rng: random.Random, _: int) -> Json:
    low = rng.randint(-1000, 1000)
    high = low + rng.randint(2, 100)
    kind = rng.choice(["integer", "number"])
    limits: list[Json] = [
        {},
        {"minimum": low},
        {"maximum": high},
        {"exclusiveMinimum": low, "exclusiveMaximum": high},
        {"minimum": low, "maximum": low},
        {"multipleOf": rng.randint(1, 50), "minimum": low, "maximum": low + 50},
    ]
    return {"type": kind} | rng.choice(limits)


def _choice(rng: random.Random, _: int) -> Json:
    values = rng.sample(["a", "b", 1, 2.5, None, True, "New York"], rng.randint(1, 4))
    return rng.choice([{"enum": values}, {"const": values[0]}])


def _simple(rng: random.Random, _: int) -> Json:
    return rng.choice([{"type": "boolean"}, {"type": "null"}, {}, {"type": ["string", "null"]}])


def _array(rng: random.Random, depth: int) -> Json:
    low = rng.randint(0, 4)
    unique: Json = {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}
    any_items: Json = {"type": "array", "items": random_schema(rng, depth + 1)}
    return rng.choice([unique, any_items]) | {"minItems": low, "maxItems": low + rng.randint(0, 3)}


def _object(rng: random.Random, depth: int) -> Json:
    names = rng.sample(["city", "name", "query", "count", "is_good", "x"], rng.randint(0, 5))
    properties = {name: random_schema(rng, depth + 1) for name in names}
    required = [name for name in names if rng.random() < 0.7]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _union(rng: random.Random, depth: int) -> Json:
    branches = [random_schema(rng, depth + 1) for _ in range(rng.randint(1, 3))]
    return rng.choice([{"anyOf": branches}, {"allOf": branches[:1]}])


@pytest.mark.parametrize("seed", range(4))
def test_example_fits_any_random_schema(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(150):
        schema = random_schema(rng)
        for words in WORDS:
            value = example(schema, words)
            errors = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(value)
            assert not list(errors), (schema, value)


def test_example_fits_all_parts_of_a_schema() -> None:
    parts = [
        {"type": "object", "properties": {name: {"type": "integer"}}, "required": [name]}
        for name in ("a", "b")
    ]

    assert example({"allOf": parts}, Words.of("Add 3 and 4")).keys() == {"a", "b"}


def test_example_is_the_same_for_the_same_schema_and_words() -> None:
    schema = Plan.model_json_schema()

    assert example(schema, WORDS[2]) == example(schema, WORDS[2])


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("Weather in New York?", {"city": {"type": "string"}}, {"city": "New York"}),
        ("weather in oslo?", {"city": {"type": "string"}}, {"city": "oslo"}),
        ('Find "durable agents" now', {"query": {"type": "string"}}, {"query": "durable agents"}),
        ("How are you?", {"input": {"type": "string"}}, {"input": "How are you?"}),
        (
            "Pick between 3 and 250",
            {"low": {"type": "integer"}, "high": {"type": "integer"}},
            {"low": 3, "high": 250},
        ),
        ("Roll 99", {"n": {"type": "integer", "maximum": 6, "default": 2}}, {"n": 2}),
        (
            "Add 3, 4 and 5",
            {"n": {"type": "array", "items": {"type": "integer"}}},
            {"n": [3, 4, 5]},
        ),
        ("I like blue", {"color": {"enum": ["red", "blue"]}}, {"color": "blue"}),
        ("Write to ann@example.com", {"email": {"type": "string"}}, {"email": "ann@example.com"}),
        ("My maths homework", {"is_homework": {"type": "boolean"}}, {"is_homework": True}),
        ("The weather", {"is_homework": {"type": "boolean"}}, {"is_homework": False}),
    ],
)
def test_example_uses_the_users_words(text: str, schema: Json, value: Json) -> None:
    whole = {"type": "object", "properties": schema, "required": list(schema)}

    assert example(whole, Words.of(text)) == value


def test_optional_field_is_filled_in_only_when_the_user_mentions_it() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string", "default": "Paris"}}}

    assert example(schema, Words.of("Weather in Oslo?")) == {"city": "Oslo"}
    assert example(schema, Words.of("How is the weather?")) == {}


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{3}\d+$",
        r"(red|blue)-[^a\d]{2}",
        r"^\S+@\S+\.[a-z]{2,}$",
        r"a?b*c+.",
        r"^(?P<x>\w)\b",
        r"^(a|b)\1$",
    ],
)
def test_example_matches_a_pattern(pattern: str) -> None:
    assert re.search(pattern, example({"type": "string", "pattern": pattern}, WORDS[0]))
