"""Faults of HTTP: error statuses, headers, and bodies that are not what they claim to be."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache
from time import time

from aiohttp import web

from offline_model.api_errors import ApiError
from offline_model.faults import Fault

_HTML = b"<!doctype html><title>Gateway</title><p>Injected fault: a page instead of JSON.</p>"
_BOMB_BYTES = 32 * 1024 * 1024
_DEEP = 100_000
_DIGITS = 5_000  # Python reads integers of up to 4,300 digits

# (status, message, code)
_ERRORS = {
    "400": (400, "The request is refused.", "invalid_request"),
    "401": (401, "The API key is refused.", "invalid_api_key"),
    "403": (403, "This key has no access to the model.", "model_not_allowed"),
    "404": (404, "The model does not exist.", "model_not_found"),
    "408": (408, "The request took too long.", "request_timeout"),
    "409": (409, "The resource is locked.", "conflict"),
    "413": (413, "The request is too large.", "request_too_large"),
    "422": (422, "The request cannot be processed.", "unprocessable_entity"),
    "429": (429, "Too many requests.", "rate_limit_exceeded"),
    "500": (500, "The server failed.", "server_error"),
    "502": (502, "Bad gateway.", "bad_gateway"),
    "503": (503, "The server is overloaded.", "server_overloaded"),
    "504": (504, "Gateway timeout.", "gateway_timeout"),
    "context_length_exceeded": (
        400,
        "The input exceeds the context window of this model.",
        "context_length_exceeded",
    ),
    "insufficient_quota": (429, "You exceeded your current quota.", "insufficient_quota"),
    "key_echo": (401, "Incorrect API key provided: {key}.", "invalid_api_key"),
    "refused_with_retry_after": (400, "The request is refused.", "invalid_request"),
    "refused_with_retry_after_date": (400, "The request is refused.", "invalid_request"),
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


def raise_http_error(fault: Fault, request: web.Request) -> None:
    """Raise the error that the fault answers with instead of a model's answer, if it is one.

    Raises:
        ApiError: The error.
        HTTPTemporaryRedirect: The client is to send the request again, forever.
    """
    if fault.kind == "redirect_loop":
        raise web.HTTPTemporaryRedirect(request.rel_url.with_query(fault=fault.kind))
    headers = {}
    if fault.kind in _RETRY_AFTER:
        headers["retry-after"] = _RETRY_AFTER[fault.kind](fault.seconds)
    if fault.kind == "429" and fault.seconds < 1:
        headers["retry-after-ms"] = f"{fault.seconds * 1000:g}"
    default = _ERRORS["429"] if fault.kind in _RETRY_AFTER else None
    if error := _ERRORS.get(fault.kind, default):
        status, message, code = error
        key = request.headers["Authorization"].partition(" ")[2]
        message = f"Injected fault: {message.format(key=key)}"
        raise ApiError(status, message, code=code, headers=headers)


@dataclass(frozen=True)
class Body:
    """What is sent: one piece, or the events of a stream.

    Attributes:
        pieces: The bytes. A stream's pieces each end an event.
        headers: With the content type.
        status: The HTTP status.
    """

    pieces: list[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def is_stream(self) -> bool:
        """Whether these are events."""
        return self.headers.get("content-type") == "text/event-stream"


def spoil_body(kind: str, body: Body) -> Body:
    """Return the body as the fault changes it, if it does."""
    if kind in _DATA:
        data = _DATA[kind]()
        return Body([b"data: " + data + b"\n\n"] if body.is_stream else [data], body.headers)
    match kind:
        case "html":
            return Body([_HTML], {"content-type": "text/html"})
        case "http_204":
            return Body([], status=204)
        case "wrong_content_type":
            return Body(body.pieces, {"content-type": "text/plain"})
        case "gzip_garbage":
            return Body(body.pieces, {**body.headers, "content-encoding": "gzip"})
        case "gzip_bomb":
            bomb = _bomb(b"data: " if body.is_stream else b"")
            return Body([bomb], {**body.headers, "content-encoding": "gzip"})
        case "bad_utf8":
            return Body([p.replace(_BAD_UTF8_MARK, b"\xff") for p in body.pieces], body.headers)
    return body


def _deep() -> bytes:
    return b'{"output": ' + b"[" * _DEEP + b"]" * _DEEP + b"}"


@cache
def _bomb(head: bytes) -> bytes:
    return gzip.compress(head + b'{"id": "' + b"x" * _BOMB_BYTES + b'"}\n\n', compresslevel=1)


_BAD_UTF8_MARK = b"BAD-UTF-8"
_DATA: dict[str, Callable[[], bytes]] = {
    "blank_body": lambda: b"",
    "malformed_body": lambda: b'{"id": ',
    "deep_body": _deep,
    "huge_number_body": lambda: b'{"created_at": ' + b"1" * _DIGITS + b"}",
}
BODY_KINDS = frozenset(
    {*_DATA, "html", "http_204", "wrong_content_type", "gzip_garbage", "gzip_bomb"}
)
