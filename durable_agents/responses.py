"""Validates model responses on the worker, before workflow code sees them.

The API clients build responses without validation, and the Agents SDK reads them in workflow code,
where a `TypeError` fails the workflow task: Temporal then retries the task forever, with the same
response from history. Here, an unusable response fails its activity with a typed error.
"""

from durable_agents.redaction import well_formed

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any, cast, get_args

from agents import ModelBehaviorError, ModelResponse
from agents.items import TResponseOutputItem
from openai import BaseModel as OpenAIModel
from openai.types.responses import ResponseCompletedEvent
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from temporalio.exceptions import ApplicationError

MAX_NESTING = 64
"""Levels of arrays and objects in the JSON that a model wrote: arguments, structured output."""

MAX_CALLS = 128
"""Function calls in one response. A workflow task has two seconds to start them all."""

MAX_ITEMS = 1_000
"""Items in one response, including hosted tools' calls and reasoning."""

_ITEM_TYPES: dict[str, type[OpenAIModel]] = {
    get_args(item.model_fields["type"].annotation)[0]: item
    for item in get_args(get_args(TResponseOutputItem)[0])
}
_DEFAULTS: dict[str, Any] = {"status": "completed", "role": "assistant"}
_WITHOUT_CONTENT = {"reasoning", "mcp_list_tools", "compaction"}
_ANY = TypeAdapter[Any](Any)

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
# A surrogate pair or another escape, which stay; or a lone surrogate.
_ESCAPE = re.compile(r"(\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\[^u])|\\u[dD][89a-fA-F]\w\w")


def validate_response(response: ModelResponse, *, structured: bool = False) -> ModelResponse:
    """Return `response` with items that the Agents SDK can read and Temporal can encode.

    Lone surrogates are replaced by U+FFFD. A value that is unknown to the installed SDK is kept if
    the SDK does not depend on it. Pass `structured` if the text of messages is JSON.

    Raises:
        ApplicationError: Of type `ModelBehaviorError`, non-retryable: an item is malformed, JSON is
            nested more than `MAX_NESTING` levels deep, there are more than `MAX_CALLS` tool calls
            or `MAX_ITEMS` items, or the response is empty.
    """
    return replace(
        response,
        output=_validate_output(response.output, structured),
        response_id=response.response_id and well_formed(response.response_id),
        request_id=response.request_id and well_formed(response.request_id),
    )


def validate_events(events: Sequence[Any], *, structured: bool = False) -> list[Any]:
    """Return the events of a streamed response, validated as `validate_response` does.

    Raises:
        ApplicationError: As `validate_response`; retryable if the stream ended early.
    """
    valid = [_well_formed_event(event) for event in events]
    completed = next((e.response for e in valid if isinstance(e, ResponseCompletedEvent)), None)
    if completed is None:
        message = "The model's stream ended before its response was complete"
        raise ApplicationError(message, type=ModelBehaviorError.__name__)
    completed.output = _validate_output(completed.output, structured)
    return valid


def rejected(reason: str, *, retryable: bool = False) -> ApplicationError:
    """Return the error for a response that cannot be used."""
    message = f"The model's response was rejected: {reason}"
    return ApplicationError(message, type=ModelBehaviorError.__name__, non_retryable=not retryable)


def _validate_output(output: Any, structured: bool) -> list[TResponseOutputItem]:
    if not isinstance(output, list):
        raise rejected(f"its output is {type(output).__name__}, not a list")
    items = [_validate_item(_plain(item), structured) for item in output]
    calls = sum(item.type == "function_call" for item in items)
    if calls > MAX_CALLS:
        raise rejected(f"it has {calls:,} tool calls; the limit is {MAX_CALLS}")
    if len(items) > MAX_ITEMS:
        raise rejected(f"it has {len(items):,} items; the limit is {MAX_ITEMS:,}")
    if not any(_has_content(item) for item in items):
        raise rejected("its answer is empty")
    return items


def _plain(value: Any) -> Any:
    """Return an item or event as plain data, as JSON has it, with well-formed text."""
    try:
        return _well_formed(
            _ANY.dump_python(value, mode="json", exclude_unset=True, warnings=False)
        )
    except (RecursionError, ValueError) as error:
        raise rejected(f"it cannot be encoded ({error})"[:300]) from None


def _well_formed(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else well_formed(value)
    if isinstance(value, list):
        return [_well_formed(part) for part in value]
    if isinstance(value, dict):
        return {key: _well_formed(part) for key, part in value.items()}
    return value


def _well_formed_event(event: Any) -> Any:
    if not isinstance(event, OpenAIModel):
        raise rejected(f"its stream has {type(event).__name__} instead of an event")
    return type(event).construct(**_plain(event))


def _validate_item(item: Any, structured: bool) -> TResponseOutputItem:
    """Return an output item as the Agents SDK's type for it."""
    kind = item.get("type") if isinstance(item, dict) else None
    expected = _ITEM_TYPES.get(kind) if isinstance(kind, str) else None
    if expected is None:
        raise rejected(f"it has an output item of the unknown type {str(kind)[:80]!r}")
    _fill_in(item, expected)
    for part, field in _json_texts(item, structured):
        if _nesting(part[field]) > MAX_NESTING:
            raise rejected(f"{kind} has JSON nested more than {MAX_NESTING} levels deep")
        part[field] = _ESCAPE.sub(lambda match: match[1] or r"\ufffd", part[field])
    try:
        return cast(TResponseOutputItem, expected.model_validate(item))
    except ValidationError as error:
        if problems := _significant(error.errors(include_url=False)):
            where = ".".join(str(part) for part in problems[0]["loc"])
            raise rejected(f"{kind}.{where}: {problems[0]['msg']}") from None
    return cast(TResponseOutputItem, expected.construct(**item))


def _fill_in(item: dict[str, Any], expected: type[OpenAIModel]) -> None:
    """Set the required fields that compatible servers leave out."""
    for name, field in expected.model_fields.items():
        if field.is_required() and name in _DEFAULTS:
            item.setdefault(name, _DEFAULTS[name])
    for part in _output_texts(item):
        part.setdefault("annotations", [])


def _output_texts(item: dict[str, Any]) -> list[dict[str, Any]]:
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    return [p for p in parts if isinstance(p, dict) and p.get("type") == "output_text"]


def _significant(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Return the errors that the Agents SDK depends on.

    A new enum value, or a new kind of part inside an item, is not an error: APIs grow. For a union,
    pydantic reports the errors of every member, including members for other kinds.
    """
    new = [e["loc"] for e in errors if e["type"] == "literal_error" and isinstance(e["input"], str)]
    other_kinds = {location[:-1] for location in new if location[-1] == "type"}
    return [
        error
        for error in errors
        if error["loc"] not in new
        and not any(error["loc"][:depth] in other_kinds for depth in range(len(error["loc"])))
    ]


def _json_texts(item: dict[str, Any], structured: bool) -> Iterable[tuple[dict[str, Any], str]]:
    """Yield each text field of an item that holds JSON, as its object and its name."""
    if item["type"] in ("function_call", "mcp_call") and isinstance(item.get("arguments"), str):
        yield item, "arguments"
    if structured:
        yield from ((p, "text") for p in _output_texts(item) if isinstance(p.get("text"), str))


def _nesting(text: str) -> int:
    """Return how deep arrays and objects are nested, without recursion."""
    brackets = _BRACKET.findall(_STRING.sub("", text))
    return max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0)


def _has_content(item: Any) -> bool:
    if item.type != "message":
        return item.type not in _WITHOUT_CONTENT and not item.type.endswith("_output")
    texts = (getattr(p, "text", None) or getattr(p, "refusal", None) for p in item.content)
    return any(isinstance(text, str) and text.strip() for text in texts)
