"""Answers with fields of the wrong type: what no model's server should send, and some do."""

from typing import Any

from offline_model.json_text import Json

_DELETED = object()
_EACH = "*"

# Each change is a path (`*` is every element) and the value that is put there.
_Changes = list[tuple[str, Any]]

_LOST_USAGE = {"input_tokens": None, "output_tokens": None, "total_tokens": None}
_LOST_CHAT_USAGE = {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None}
_ERROR = {
    "error": {
        "message": "Injected fault: The server failed.",
        "type": "server_error",
        "param": None,
        "code": "server_error",
    }
}


def _incomplete(reason: str) -> _Changes:
    return [("status", "incomplete"), ("incomplete_details", {"reason": reason})]


def _failed(code: str) -> _Changes:
    error = {"code": code, "message": f"Injected fault: {code}."}
    return [("status", "failed"), ("error", error), ("output", []), ("usage", _DELETED)]


def _both(responses: str, chat: str, value: object) -> tuple[_Changes, _Changes]:
    return [(responses, value)], [(chat, value)]


_ITEM, _CHOICE = "output.*", "choices.*"
_MESSAGE, _PART = f"{_CHOICE}.message", f"{_ITEM}.content.*"
_CALL = f"{_MESSAGE}.tool_calls.*"
_FUNCTION = f"{_CALL}.function"
_LENGTH: tuple[str, Any] = (f"{_CHOICE}.finish_reason", "length")

# By kind: the changes of a response, and those of a chat completion.
_CHANGES: dict[str, tuple[_Changes, _Changes]] = {
    "empty_object": _both("", "", {}),
    "null_body": _both("", "", None),
    "list_body": _both("", "", []),
    "text_body": _both("", "", "Hello"),
    "error_with_200": _both("", "", _ERROR),
    "missing_output": _both("output", "choices", _DELETED),
    "null_output": _both("output", "choices", None),
    "object_output": _both("output", "choices", {}),
    "no_choices": ([], [("choices", [])]),
    "null_item": _both(_ITEM, _CHOICE, None),
    "text_item": _both(_ITEM, _CHOICE, "Hello"),
    "number_id": _both("id", "id", 42),
    "null_id": _both("id", "id", None),
    "null_model": _both("model", "model", None),
    "unknown_field": _both("telepathy", "telepathy", {"power": 11}),
    "bad_usage": _both("usage", "usage", "lots"),
    "text_usage_counts": _both("usage.*", "usage.*", "seven"),
    "null_usage_counts": ([("usage", _LOST_USAGE)], [("usage", _LOST_CHAT_USAGE)]),
    "nan_usage": _both("usage.input_tokens", "usage.prompt_tokens", float("nan")),
    "negative_usage": _both("usage.input_tokens", "usage.prompt_tokens", -5),
    "missing_usage": _both("usage", "usage", _DELETED),
    "null_usage": _both("usage", "usage", None),
    "unknown_status": _both("status", f"{_CHOICE}.finish_reason", "telepathy"),
    "unfinished_status": ([("status", "in_progress")], [(f"{_CHOICE}.finish_reason", None)]),
    "incomplete_max_output_tokens": (_incomplete("max_output_tokens"), [_LENGTH]),
    "incomplete_content_filter": (
        _incomplete("content_filter"),
        [(f"{_CHOICE}.finish_reason", "content_filter")],
    ),
    "incomplete_text": (_incomplete("max_output_tokens"), [_LENGTH]),
    "incomplete_call": (_incomplete("max_output_tokens"), [_LENGTH]),
    "response_failed": (_failed("server_error"), []),
    "response_rejected": (_failed("invalid_prompt"), []),
    "null_content": _both(f"{_ITEM}.content", f"{_MESSAGE}.content", None),
    "number_content": _both(f"{_ITEM}.content", f"{_MESSAGE}.content", 42),
    "empty_content": _both(f"{_ITEM}.content", f"{_MESSAGE}.content", []),
    "text_content": _both(f"{_ITEM}.content", _MESSAGE, "Hello"),
    "list_content": (
        [(f"{_PART}.text", ["Hello"])],
        [(f"{_MESSAGE}.content", [{"type": "text", "text": "Hello"}])],
    ),
    "null_part": _both(_PART, _MESSAGE, None),
    "unknown_part_type": ([(f"{_PART}.type", "telepathy")], []),
    "number_text": _both(f"{_PART}.text", f"{_MESSAGE}.content", 42),
    "null_text": _both(f"{_PART}.text", f"{_MESSAGE}.content", None),
    "unknown_role": _both(f"{_ITEM}.role", f"{_MESSAGE}.role", "telepath"),
    "unknown_item_type": _both(f"{_ITEM}.type", f"{_CALL}.type", "telepathy_call"),
    "missing_item_type": _both(f"{_ITEM}.type", f"{_CALL}.type", _DELETED),
    "null_tool_call": ([], [(_CALL, None)]),
    "null_function": ([], [(_FUNCTION, None)]),
    "number_tool_name": _both(f"{_ITEM}.name", f"{_FUNCTION}.name", 42),
    "null_tool_name": _both(f"{_ITEM}.name", f"{_FUNCTION}.name", None),
    "null_arguments": _both(f"{_ITEM}.arguments", f"{_FUNCTION}.arguments", None),
    "number_arguments": _both(f"{_ITEM}.arguments", f"{_FUNCTION}.arguments", 42),
    "object_arguments": _both(f"{_ITEM}.arguments", f"{_FUNCTION}.arguments", {"city": "Oslo"}),
    "null_call_id": _both(f"{_ITEM}.call_id", f"{_CALL}.id", None),
    "empty_call_id": _both(f"{_ITEM}.call_id", f"{_CALL}.id", ""),
    "number_call_id": _both(f"{_ITEM}.call_id", f"{_CALL}.id", 42),
    "duplicate_call_id": _both(f"{_ITEM}.call_id", f"{_CALL}.id", "call_1"),
}
_NONE: tuple[_Changes, _Changes] = ([], [])
KINDS = frozenset(_CHANGES)


def _kinds_below(*paths: str) -> frozenset[str]:
    return frozenset(
        kind
        for kind, (response, chat) in _CHANGES.items()
        if any(path.startswith(paths) for path, _ in (*response, *chat))
    )


# What can only be spoiled in an answer with a call, or with a message.
CALLS = _kinds_below(_CALL)
MESSAGES = _kinds_below(f"{_ITEM}.", _MESSAGE) - CALLS | {"incomplete_text"}


def applies(kind: str, *, chat: bool) -> bool:
    """Whether this API's answers have something that the fault could change."""
    return kind not in _CHANGES or bool(_CHANGES[kind][chat])


def spoil(kind: str, answer: Json, *, chat: bool) -> Any:
    """Return an answer as the fault changes it: what is then sent as JSON.

    Args:
        kind: The kind of fault.
        answer: A response, or a chat completion.
        chat: Whether it is a chat completion.
    """
    for path, value in _CHANGES.get(kind, _NONE)[chat]:
        answer = _changed(answer, path.split(".") if path else [], value)
    return answer


def _changed(whole: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    key, *rest = path
    if isinstance(whole, list):
        return [_changed(part, rest, value) for part in whole]
    if key == _EACH:
        return {each: _changed(part, rest, value) for each, part in whole.items()}
    changed = _changed(whole.get(key), rest, value)
    others = {each: part for each, part in whole.items() if each != key}
    return others if changed is _DELETED else {**whole, key: changed}
