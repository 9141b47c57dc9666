"""Validates model responses on the worker, before workflow code sees them.

The API clients build responses without validation, and the Agents SDK reads them in workflow code,
where a `TypeError` fails the workflow task: Temporal then retries the task forever, with the same
response from history. Here, an unusable response fails its activity with a typed error.
"""

from durable_agents.redaction import well_formed

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any, get_args

from agents import ModelBehaviorError, ModelResponse
from agents.items import TResponseOutputItem
from openai.types.responses import ResponseCompletedEvent
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from temporalio.exceptions import ApplicationError

MAX_NESTING = 64  # levels of arrays and objects in JSON that a model wrote
MAX_CALLS = 128  # function calls in one response; a workflow task has two seconds to start them
MAX_ITEMS = 1_000  # items in one response, including hosted tools' calls and reasoning

_ITEM_TYPES: dict[str, Any] = {
    get_args(item.model_fields["type"].annotation)[0]: item
    for item in get_args(get_args(TResponseOutputItem)[0])
}
_DEFAULTS = {"status": "completed", "role": "assistant"}
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
    response_id, request_id = _plain([response.response_id, response.request_id])
    output = _validate_output(response.output, structured)
    return replace(response, output=output, response_id=response_id, request_id=request_id)


def validate_events(events: Sequence[Any], *, structured: bool = False) -> list[Any]:
    """Return the events of a streamed response, validated as `validate_response` does.

    Raises:
        ApplicationError: As `validate_response`; retryable if the stream ended early.
    """
    valid = [type(event).construct(**_plain(event)) for event in events]
    completed = next((e.response for e in valid if isinstance(e, ResponseCompletedEvent)), None)
    if completed is None:
        raise rejected("its stream ended before it was complete", retryable=True)
    completed.output = _validate_output(completed.output, structured)
    return valid


def rejected(reason: str, *, retryable: bool = False) -> ApplicationError:
    """Return the error for a response that cannot be used."""
    message = f"The model's response was rejected: {reason}"
    return ApplicationError(message, type=ModelBehaviorError.__name__, non_retryable=not retryable)


def _plain(value: Any) -> Any:
    """Return items or events as plain data, as JSON has it, with well-formed text."""
    try:
        plain = _ANY.dump_python(value, mode="json", exclude_unset=True, warnings=False)
        return json.loads(well_formed(json.dumps(plain, ensure_ascii=False)))
    except (RecursionError, ValueError) as error:
        raise rejected(f"it cannot be encoded ({error})"[:300]) from None


def _validate_output(output: Any, structured: bool) -> list[Any]:
    items = [_validate_item(item, structured) for item in _plain(output)]
    calls = sum(item.type == "function_call" for item in items)
    for count, kind, limit in ((calls, "tool calls", MAX_CALLS), (len(items), "items", MAX_ITEMS)):
        if count > limit:
            raise rejected(f"it has {count:,} {kind}; the limit is {limit:,}")
    if not any(_has_content(item) for item in items):
        raise rejected("its answer is empty")
    return items


def _validate_item(item: Any, structured: bool) -> Any:
    """Return an output item as the Agents SDK's type for it."""
    kind = str(item.get("type") if isinstance(item, dict) else None)
    if (expected := _ITEM_TYPES.get(kind)) is None:
        raise rejected(f"it has an output item of the unknown type {kind[:80]!r}")
    # Compatible servers leave out some required fields.
    required = {name for name, field in expected.model_fields.items() if field.is_required()}
    item = {name: _DEFAULTS[name] for name in _DEFAULTS.keys() & required} | item
    content = item["content"] if isinstance(item.get("content"), list) else []
    texts = [p for p in content if isinstance(p, dict) and p.get("type") == "output_text"]
    for part in texts:
        part.setdefault("annotations", [])
    json_texts = [(part, "text") for part in texts] if structured else []
    if kind in ("function_call", "mcp_call"):
        json_texts.append((item, "arguments"))
    for part, field in json_texts:
        if isinstance(part.get(field), str):
            part[field] = _validate_json(part[field], kind)
    try:
        return expected.model_validate(item)
    except ValidationError as error:
        if problem := _significant(error.errors(include_url=False)):
            where = ".".join(map(str, (kind, *problem["loc"])))
            raise rejected(f"{where}: {problem['msg']}") from None
    return expected.construct(**item)


def _validate_json(text: str, kind: str) -> str:
    """Return JSON that `json.loads` can read without recursing deeply, without lone surrogates."""
    brackets = _BRACKET.findall(_STRING.sub("", text))
    levels = accumulate(1 if bracket in "[{" else -1 for bracket in brackets)
    if max(levels, default=0) > MAX_NESTING:
        raise rejected(f"{kind} has JSON nested more than {MAX_NESTING} levels deep")
    return _ESCAPE.sub(lambda match: match[1] or r"\ufffd", text)


def _significant(errors: list[ErrorDetails]) -> ErrorDetails | None:
    """Return the first error that the Agents SDK depends on.

    A new enum value, or a new kind of part inside an item, is not an error: APIs grow. For a union,
    pydantic reports the errors of every member, including members for other kinds.
    """
    new = [e["loc"] for e in errors if e["type"] == "literal_error" and isinstance(e["input"], str)]
    other_kinds = [location[:-1] for location in new if location[-1] == "type"]
    for error in errors:
        is_new = error["loc"] in new or any(error["loc"][: len(k)] == k for k in other_kinds)
        if not is_new:
            return error
    return None


def _has_content(item: Any) -> bool:
    if item.type != "message":
        return item.type not in _WITHOUT_CONTENT and not item.type.endswith("_output")
    texts = (getattr(p, "text", None) or getattr(p, "refusal", None) for p in item.content)
    return any(isinstance(text, str) and text.strip() for text in texts)
