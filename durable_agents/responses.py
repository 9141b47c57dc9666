"""Validates what a model answered, on the worker, before workflow code sees it.

The API clients build answers without validation, and the Agents SDK reads them in workflow code,
where a `TypeError` fails the workflow task: Temporal then retries the task forever, with the same
answer from history. A faulty answer fails its activity instead: typed and non-retryable.
"""

from durable_agents.redaction import well_formed

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast, get_args

from agents import ModelBehaviorError, ModelResponse
from agents.items import TResponseOutputItem
from openai import BaseModel as OpenAIModel
from openai.types.responses import ResponseCompletedEvent
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json
from temporalio.exceptions import ApplicationError

MAX_NESTING = 64
"""Levels of arrays and objects in the JSON that a model wrote: arguments, structured output."""

MAX_CALLS = 128
"""Function calls in one answer. A workflow task has two seconds to start them all."""

MAX_ITEMS = 1_000
"""Items in one answer, hosted tools' calls and reasoning among them."""

_ITEM_TYPES: dict[str, type[OpenAIModel]] = {
    get_args(item.model_fields["type"].annotation)[0]: item
    for item in get_args(get_args(TResponseOutputItem)[0])
}
_DEFAULTS: dict[str, Any] = {"status": "completed", "role": "assistant", "annotations": []}
_SILENT = {"reasoning", "mcp_list_tools", "compaction"}
_JSON_FIELDS = {"function_call": "arguments", "mcp_call": "arguments"}
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_PAIR = re.compile(r"\[\]|\{\}")
_NOT_BRACKETS = re.compile(r"[^\[\]{}]+")


def validate_response(response: ModelResponse, *, structured: bool = False) -> ModelResponse:
    """Return `response` with items that the Agents SDK can read and Temporal can encode.

    Lone surrogates are replaced by U+FFFD. A value that is unknown to the installed SDK is kept
    where the SDK does not depend on it.

    Args:
        response: What a model provider returned.
        structured: Whether the text of messages is JSON.

    Raises:
        ApplicationError: Of type `ModelBehaviorError`, non-retryable: an item is malformed, JSON is
            nested more than `MAX_NESTING` levels deep, there are more than `MAX_CALLS` tool calls,
            or the answer is empty.
    """
    items = [_item(item, structured) for item in _each(response.output)]
    _check_whole(items)
    return replace(
        response,
        output=items,
        response_id=response.response_id and well_formed(response.response_id),
        request_id=response.request_id and well_formed(response.request_id),
    )


def validate_events(events: Sequence[Any], *, structured: bool = False) -> list[Any]:
    """Return the events of a streamed answer, validated as `validate_response` does.

    Raises:
        ApplicationError: As `validate_response`; retryable if the stream ended before its answer.
    """
    cleaned = [_encodable(event) for event in events]
    for event in cleaned:
        if isinstance(event, ResponseCompletedEvent):
            output = [_item(item, structured) for item in _each(event.response.output)]
            _check_whole(output)
            event.response.output = output
            return cleaned
    raise ApplicationError(
        "The model's stream ended before its answer was complete", type=ModelBehaviorError.__name__
    )


def rejected(reason: str, *, retryable: bool = False) -> ApplicationError:
    """Return the error for an answer that cannot be used."""
    message = f"The model's response was rejected: {reason}"
    return ApplicationError(message, type=ModelBehaviorError.__name__, non_retryable=not retryable)


def _each(output: Any) -> Iterable[Any]:
    if not isinstance(output, list):
        raise rejected(f"its output is {type(output).__name__}, not a list")
    return output


def _check_whole(items: Sequence[TResponseOutputItem]) -> None:
    calls = sum(item.type == "function_call" for item in items)
    if calls > MAX_CALLS:
        raise rejected(f"it has {calls:,} tool calls; the limit is {MAX_CALLS}")
    if len(items) > MAX_ITEMS:
        raise rejected(f"it has {len(items):,} items; the limit is {MAX_ITEMS:,}")
    if not any(_says_something(item) for item in items):
        raise rejected("its answer is empty")


def _item(item: Any, structured: bool) -> TResponseOutputItem:
    """Return an output item that fits the Agents SDK's type for it."""
    kind = item.get("type") if isinstance(item, dict) else getattr(item, "type", None)
    expected = _ITEM_TYPES.get(kind) if isinstance(kind, str) else None
    if expected is None:
        raise rejected(f"it has an output item of the unknown type {str(kind)[:80]!r}")
    encoded = _encoded(item)
    try:
        valid = expected.model_validate_json(encoded)
    except ValidationError as error:
        value = from_json(encoded)
        errors = error.errors(include_url=False)
        problems = [e for e in _significant(errors, value) if not _fill_in(e, value)]
        if problems:
            where = ".".join(str(part) for part in problems[0]["loc"])
            raise rejected(f"{kind}.{where}: {problems[0]['msg']}") from None
        valid = expected.construct(**value)
    for part, name in _json_texts(valid, structured):
        text = getattr(part, name)
        if _is_too_deep(text):
            raise rejected(f"{kind} has JSON nested more than {MAX_NESTING} levels deep")
        if _SURROGATE_ESCAPE.search(text):
            setattr(part, name, _without_surrogate_escapes(text))
    return cast(TResponseOutputItem, valid)


def _encoded(value: Any) -> bytes:
    """Return `value` as JSON, without what JSON cannot carry."""
    try:
        if isinstance(value, BaseModel):
            return value.__pydantic_serializer__.to_json(value, exclude_unset=True, warnings=False)
        return to_json(value)
    except (RecursionError, ValueError) as error:
        if "surrogate" not in str(error):
            raise rejected(f"it cannot be encoded ({error})"[:300]) from None
    plain = value.model_dump(exclude_unset=True, warnings=False)
    return to_json(_without_surrogates(plain))


def _encodable(event: Any) -> Any:
    if not isinstance(event, BaseModel):
        raise rejected(f"its stream has {type(event).__name__} in place of an event")
    try:
        event.__pydantic_serializer__.to_json(event, exclude_unset=True, warnings=False)
    except (RecursionError, ValueError) as error:
        if "surrogate" not in str(error):
            raise rejected(f"it cannot be encoded ({error})"[:300]) from None
        plain = _without_surrogates(event.model_dump(exclude_unset=True, warnings=False))
        return type(event).construct(**plain)
    return event


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return [_without_surrogates(part) for part in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(part) for key, part in value.items()}
    return value


def _fill_in(error: ErrorDetails, value: Any) -> bool:
    """Set a missing field that compatible servers leave out; return whether it was one."""
    *path, name = error["loc"]
    if error["type"] != "missing" or name not in _DEFAULTS:
        return False
    for part in path:
        try:
            value = value[part]
        except (LookupError, TypeError):  # the name of a union's member
            continue
    if isinstance(value, dict):
        value.setdefault(name, _DEFAULTS[str(name)])
    return True


def _significant(errors: list[ErrorDetails], value: Any) -> list[ErrorDetails]:
    """Return the errors that the Agents SDK would trip over.

    Not among them: a new value of an enumeration, or a new kind of part inside an item. APIs grow.
    Of a union, pydantic reports errors for every member: those of other kinds than `value` say
    nothing.
    """
    other_kinds = {
        error["loc"][:-1] for error in errors if error["loc"][-1] == "type" and _is_new_value(error)
    }
    return [
        error
        for error in errors
        if not _is_new_value(error) and other_kinds.isdisjoint(_union_members(error["loc"], value))
    ]


def _is_new_value(error: ErrorDetails) -> bool:
    return error["type"] == "literal_error" and isinstance(error["input"], str)


def _union_members(location: tuple[int | str, ...], value: Any) -> Iterable[tuple[int | str, ...]]:
    """Yield `location` up to each name of a union's member in it: `value` has no such key."""
    for index, part in enumerate(location[:-1]):
        try:
            value = value[part]
        except (LookupError, TypeError):
            yield location[: index + 1]


def _json_texts(item: Any, structured: bool) -> Iterable[tuple[Any, str]]:
    """Yield where an item has JSON as text: the objects, and the names of their attributes."""
    if name := _JSON_FIELDS.get(item.type):
        yield item, name
    if structured and item.type == "message":
        yield from ((part, "text") for part in item.content if part.type == "output_text")


def _without_surrogate_escapes(text: str) -> str:
    """Return JSON whose strings decode to well-formed text; other text as it is."""
    try:
        return json.dumps(_without_surrogates(json.loads(text)))
    except ValueError:
        return text


def _is_too_deep(text: str) -> bool:
    """Whether arrays and objects lie more than `MAX_NESTING` deep within each other.

    Does not recurse: removes the innermost pairs, a level at a time.
    """
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return False
    brackets = _NOT_BRACKETS.sub("", _STRING.sub("", text))
    for _ in range(MAX_NESTING):
        brackets = _PAIR.sub("", brackets)
    return brackets.count("[") + brackets.count("{") > 0


def _says_something(item: Any) -> bool:
    if item.type == "message":
        return any((_text(part) or "").strip() for part in item.content)
    return item.type not in _SILENT and not item.type.endswith("_output")


def _text(part: Any) -> str | None:
    text = getattr(part, "text", None) or getattr(part, "refusal", None)
    return text if isinstance(text, str) else None
