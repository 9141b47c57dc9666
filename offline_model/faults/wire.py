"""Faults in what is sent: error statuses, headers, bodies, and fields of the wrong type."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache
from http import HTTPStatus
from time import time
from typing import Any

from offline_model.api_errors import ApiError
from offline_model.faults import Fault
from offline_model.json_text import Json

_DELETED = object()
_BOMB_BYTES = 32 * 1024 * 1024
_HTML = b"<!doctype html><title>Gateway</title><p>Injected fault: a page instead of JSON.</p>"
BAD_UTF8_MARK = "BAD-UTF-8"

# Status and message of the kinds that are not a status themselves.
_ERRORS = {
    "context_length_exceeded": (400, "The input exceeds the context window of this model."),
    "insufficient_quota": (429, "You exceeded your current quota."),
    "key_echo": (401, "Incorrect API key provided: {key}."),
    "refused_with_retry_after": (400, "The request is refused."),
    "refused_with_retry_after_date": (400, "The request is refused."),
}
_RETRY_AFTER: dict[str, Callable[[float], str]] = {
    "429": lambda seconds: f"{seconds:g}",
    "retry_after_date": lambda seconds: formatdate(time() + seconds, usegmt=True),
    "retry_after_past": lambda _: formatdate(0, usegmt=True),
    "retry_after_negative": lambda _: "-5",
    "retry_after_nan": lambda _: "nan",
    "retry_after_text": lambda _: "soon",
    "retry_after_day": lambda _: "86400",
    "retry_after_infinite": lambda _: "inf",
    "refused_with_retry_after": lambda _: "1",
    "refused_with_retry_after_date": lambda _: formatdate(time() + 2, usegmt=True),
}


def check_http_error(fault: Fault, api_key: str) -> None:
    """Raise the error that the fault answers with instead of a model's answer, if it is one.

    Raises:
        ApiError: The error, with its headers.
    """
    headers = {}
    if fault.kind in _RETRY_AFTER:
        headers["retry-after"] = _RETRY_AFTER[fault.kind](fault.seconds)
    if fault.kind == "429" and fault.seconds < 1:
        headers["retry-after-ms"] = f"{fault.seconds * 1000:g}"
    if fault.kind in _ERRORS:
        status, message = _ERRORS[fault.kind]
        code = fault.kind
    elif fault.kind.isdecimal() or fault.kind in _RETRY_AFTER:
        status = int(fault.kind) if fault.kind.isdecimal() else 429
        message = HTTPStatus(status).phrase
        code = message.lower().replace(" ", "_")
    else:
        return
    message = f"Injected fault: {message.format(key=api_key)}"
    raise ApiError(status, message, code=code, headers=headers)


@dataclass(frozen=True)
class Body:
    """The body of an answer: one piece, or the events of a stream, and the headers."""

    pieces: list[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def is_stream(self) -> bool:
        """Whether the pieces are server-sent events."""
        return self.headers.get("content-type") == "text/event-stream"


def spoil_body(kind: str, body: Body) -> Body:
    """Return the body with the fault, or the body itself if the fault is not one of bodies."""
    if kind in _DATA:
        data = _DATA[kind]
        return Body([b"data: " + data + b"\n\n"] if body.is_stream else [data], body.headers)
    gzipped = {**body.headers, "content-encoding": "gzip"}
    match kind:
        case "html":
            return Body([_HTML], {"content-type": "text/html"})
        case "http_204":
            return Body([], status=204)
        case "wrong_content_type":
            return Body(body.pieces, {"content-type": "text/plain"})
        case "gzip_garbage":
            return Body(body.pieces, gzipped)
        case "gzip_bomb":
            return Body([_bomb(b"data: " if body.is_stream else b"")], gzipped)
        case "bad_utf8":
            mark = BAD_UTF8_MARK.encode()
            return Body([piece.replace(mark, b"\xff") for piece in body.pieces], body.headers)
    return body


@cache
def _bomb(head: bytes) -> bytes:
    return gzip.compress(head + b'{"id": "' + b"x" * _BOMB_BYTES + b'"}\n\n', compresslevel=1)


_DATA = {
    "blank_body": b"",
    "malformed_body": b'{"id": ',
    "deep_body": b'{"output": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "huge_number_body": b'{"created_at": ' + b"1" * 5_000 + b"}",  # Python reads 4,300 digits
}
BODY_KINDS = frozenset(
    {*_DATA, "html", "http_204", "wrong_content_type", "gzip_garbage", "gzip_bomb"}
)

# Changes of a response and of a chat completion. Each is a path (`*` is every element) and the
# value that is put there.
_Changes = list[tuple[str, Any]]


def _both(responses: str, chat: str, value: object) -> tuple[_Changes, _Changes]:
    return [(responses, value)], [(chat, value)]


def _incomplete(reason: str, finish: str) -> tuple[_Changes, _Changes]:
    details = ("incomplete_details", {"reason": reason})
    return [("status", "incomplete"), details], [("choices.*.finish_reason", finish)]


def _failed(code: str) -> tuple[_Changes, _Changes]:
    error = {"code": code, "message": f"Injected fault: {code}."}
    return [("status", "failed"), ("error", error), ("output", []), ("usage", _DELETED)], []


_ERROR = ApiError(500, "Injected fault: The server failed.", code="server_error").body
_LOST = {"input_tokens": None, "output_tokens": None, "total_tokens": None}
_LOST_IN_CHAT = {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None}
_ITEM, _CHOICE = "output.*", "choices.*"
_PART, _MESSAGE = f"{_ITEM}.content.*", f"{_CHOICE}.message"
_CALL = f"{_MESSAGE}.tool_calls.*"
_FUNCTION = f"{_CALL}.function"
_CONTENT = f"{_ITEM}.content", f"{_MESSAGE}.content"
_TEXT = f"{_PART}.text", f"{_MESSAGE}.content"
_NAME = f"{_ITEM}.name", f"{_FUNCTION}.name"
_ARGUMENTS = f"{_ITEM}.arguments", f"{_FUNCTION}.arguments"
_CALL_ID = f"{_ITEM}.call_id", f"{_CALL}.id"
_TYPE = f"{_ITEM}.type", f"{_CALL}.type"
_USED = "usage.input_tokens", "usage.prompt_tokens"
_OUTPUT = "output", "choices"

_CHANGES: dict[str, tuple[_Changes, _Changes]] = {
    "empty_object": _both("", "", {}),
    "null_body": _both("", "", None),
    "list_body": _both("", "", []),
    "text_body": _both("", "", "Hello"),
    "error_with_200": _both("", "", _ERROR),
    "missing_output": _both(*_OUTPUT, _DELETED),
    "null_output": _both(*_OUTPUT, None),
    "object_output": _both(*_OUTPUT, {}),
    "no_choices": ([], [("choices", [])]),
    "null_item": _both(_ITEM, _CHOICE, None),
    "text_item": _both(_ITEM, _CHOICE, "Hello"),
    "number_id": _both("id", "id", 42),
    "null_id": _both("id", "id", None),
    "null_model": _both("model", "model", None),
    "unknown_field": _both("telepathy", "telepathy", {"power": 11}),
    "bad_usage": _both("usage", "usage", "lots"),
    "text_usage_counts": _both("usage.*", "usage.*", "seven"),
    "null_usage_counts": ([("usage", _LOST)], [("usage", _LOST_IN_CHAT)]),
    "nan_usage": _both(*_USED, float("nan")),
    "negative_usage": _both(*_USED, -5),
    "missing_usage": _both("usage", "usage", _DELETED),
    "null_usage": _both("usage", "usage", None),
    "unknown_status": _both("status", f"{_CHOICE}.finish_reason", "telepathy"),
    "unfinished_status": ([("status", "in_progress")], [(f"{_CHOICE}.finish_reason", None)]),
    "incomplete_max_output_tokens": _incomplete("max_output_tokens", "length"),
    "incomplete_content_filter": _incomplete("content_filter", "content_filter"),
    "incomplete_text": _incomplete("max_output_tokens", "length"),
    "incomplete_call": _incomplete("max_output_tokens", "length"),
    "response_failed": _failed("server_error"),
    "response_rejected": _failed("invalid_prompt"),
    "null_content": _both(*_CONTENT, None),
    "number_content": _both(*_CONTENT, 42),
    "empty_content": _both(*_CONTENT, []),
    "text_content": _both(f"{_ITEM}.content", _MESSAGE, "Hello"),
    "list_content": (
        [(f"{_PART}.text", ["Hello"])],
        [(f"{_MESSAGE}.content", [{"type": "text", "text": "Hello"}])],
    ),
    "null_part": _both(_PART, _MESSAGE, None),
    "unknown_part_type": ([(f"{_PART}.type", "telepathy")], []),
    "number_text": _both(*_TEXT, 42),
    "null_text": _both(*_TEXT, None),
    "unknown_role": _both(f"{_ITEM}.role", f"{_MESSAGE}.role", "telepath"),
    "unknown_item_type": _both(*_TYPE, "telepathy_call"),
    "missing_item_type": _both(*_TYPE, _DELETED),
    "null_tool_call": ([], [(_CALL, None)]),
    "null_function": ([], [(_FUNCTION, None)]),
    "number_tool_name": _both(*_NAME, 42),
    "null_tool_name": _both(*_NAME, None),
    "null_arguments": _both(*_ARGUMENTS, None),
    "number_arguments": _both(*_ARGUMENTS, 42),
    "object_arguments": _both(*_ARGUMENTS, {"city": "Oslo"}),
    "null_call_id": _both(*_CALL_ID, None),
    "empty_call_id": _both(*_CALL_ID, ""),
    "number_call_id": _both(*_CALL_ID, 42),
    "duplicate_call_id": _both(*_CALL_ID, "call_1"),
}
FIELD_KINDS = frozenset(_CHANGES)


def _kinds_below(*paths: str) -> frozenset[str]:
    return frozenset(
        kind
        for kind, (response, chat) in _CHANGES.items()
        if any(path.startswith(paths) for path, _ in (*response, *chat))
    )


# The kinds that need an answer with a call, and those that need a message.
CALL_KINDS = _kinds_below(_CALL)
MESSAGE_KINDS = _kinds_below(f"{_ITEM}.", _MESSAGE) - CALL_KINDS | {"incomplete_text"}


def applies(kind: str, *, chat: bool) -> bool:
    """Whether this API's answers have what the fault changes."""
    return kind not in _CHANGES or bool(_CHANGES[kind][chat])


def spoil_answer(kind: str, answer: Json, *, chat: bool) -> Any:
    """Return a response, or a chat completion, with the fault."""
    for path, value in _CHANGES.get(kind, ([], []))[chat]:
        answer = _changed(answer, path.split(".") if path else [], value)
    return answer


def _changed(node: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    key, *rest = path
    if isinstance(node, list):
        return [_changed(child, rest, value) for child in node]
    if key == "*":
        return {name: _changed(child, rest, value) for name, child in node.items()}
    changed = _changed(node.get(key), rest, value)
    others = {name: child for name, child in node.items() if name != key}
    return others if changed is _DELETED else {**node, key: changed}
