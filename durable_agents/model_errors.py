"""Classifies failed model calls: whether to retry, when, and with which message.

Temporal owns the retries, so each error must say whether one can help. The agents plugin classifies
by status code; this module adds quotas, malformed settings and responses, every form of
`Retry-After`, and one short message without credentials in place of a chain of four.
"""

from durable_agents.redaction import redact, well_formed
from durable_agents.responses import rejected

import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from agents import AgentsException, UserError
from openai import OpenAIError
from temporalio.exceptions import ApplicationError

MAX_RETRY_DELAY = timedelta(minutes=5)
"""A longer `Retry-After` is shortened to this."""

MAX_MESSAGE_LENGTH = 1_000
"""Characters. The server shows the last failure of a pending activity only up to 4 kB."""

TRANSIENT_STATUSES = {408, 409, 429}
"""In addition to every status from 500."""

_TRANSIENT_CODES = re.compile(r"\b(server_error|rate_limit_exceeded|vector_store_timeout)\b")
_QUOTA_CODES = {"insufficient_quota", "billing_hard_limit_reached"}
_SETTINGS_ERRORS = {
    "InvalidURL",
    "UnsupportedProtocol",
    "InvalidUrlClientError",
    "TooManyRedirects",
}
_MALFORMED = (TypeError, AttributeError, LookupError, ValueError, RecursionError)


def sort_model_error(error: Exception, attempt: int) -> ApplicationError:
    """Return the error that a failed model call reports to Temporal.

    Args:
        error: What the model activity raised.
        attempt: The number of this attempt, from 1. A malformed response is retried once.
    """
    chain = list(_chain(error))
    provider = next((e for e in chain if isinstance(e, OpenAIError)), None)
    if isinstance(error, ApplicationError) and provider is None:
        return error  # raised by a custom provider, or already classified
    if settings := next((e for e in chain if _is_settings_error(e)), None):
        return _report(provider or settings, settings, retryable=False)
    if isinstance(error, AgentsException):
        return _report(error, error, retryable=_is_transient_response(error))
    inside = chain[chain.index(provider) + 1 :] if provider else chain  # LiteLLM wraps it in one
    if malformed := next((e for e in inside if isinstance(e, _MALFORMED)), None):
        reason = f"it cannot be read ({type(malformed).__name__}: {malformed})"
        return rejected(_short(reason), retryable=attempt == 1 or _is_garbled(malformed))
    status = next((s for e in chain if isinstance(s := getattr(e, "status_code", None), int)), None)
    if provider is None or status is None:
        return _report(provider or error, chain[-1], retryable=True)
    headers = _headers(chain)
    retryable = _is_retryable(status, getattr(provider, "body", None), headers)
    return _report(provider, provider, retryable=retryable, delay=_retry_after(headers))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield `error` and what it was raised from, to the root; each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _headers(chain: list[BaseException]) -> Mapping[str, str]:
    found = (getattr(getattr(e, "response", None), "headers", None) for e in chain)
    return next((headers for headers in found if isinstance(headers, Mapping)), {})


def _is_settings_error(error: BaseException) -> bool:
    """Return whether an address or a key is malformed, or the host does not exist."""
    if type(error).__name__ in _SETTINGS_ERRORS or isinstance(error, UserError):
        return True
    if isinstance(error, socket.gaierror):
        return error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
    in_header = isinstance(error, UnicodeEncodeError) and error.encoding == "ascii"
    texts = ("Illegal header value", "Forbidden control character")
    return in_header or any(text in str(error) for text in texts)


def _is_transient_response(error: AgentsException) -> bool:
    """Return whether the provider sent a transient error instead of a complete response."""
    failed = "`response.failed`" in str(error) or "`error`" in str(error)
    return failed and _TRANSIENT_CODES.search(str(error)) is not None


def _is_garbled(error: BaseException) -> bool:
    """Return whether the body was truncated in transit, or is an HTML page from a proxy."""
    if isinstance(error, json.JSONDecodeError):
        return bool(error.doc.strip())
    received = error.obj if isinstance(error, AttributeError) else None
    # For Chat Completions, the Agents SDK takes what it received for the second half of a pair.
    parts = received if isinstance(received, tuple) else (received,)
    return any(isinstance(part, str) and part.lstrip().startswith("<") for part in parts)


def _is_retryable(status: int, body: Any, headers: Mapping[str, str]) -> bool:
    if isinstance(body, dict) and {str(body.get("code")), str(body.get("type"))} & _QUOTA_CODES:
        return False
    requested = headers.get("x-should-retry")
    if requested in ("true", "false"):
        return requested == "true"
    return status in TRANSIENT_STATUSES or status >= 500


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return `retry-after-ms` or `retry-after`: seconds or a date (RFC 9110, section 10.2.3)."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1)):
        with suppress(ValueError):
            return _limited(float(headers.get(name, "")) * unit)
    with suppress(TypeError, ValueError):
        date = parsedate_to_datetime(headers.get("retry-after", ""))
        date = date.replace(tzinfo=date.tzinfo or UTC)
        return _limited((date - datetime.now(UTC)).total_seconds())
    return None


def _limited(seconds: float) -> timedelta:
    return timedelta(seconds=min(max(seconds, 0), MAX_RETRY_DELAY.total_seconds()))


def _report(
    named: BaseException,
    root: BaseException,
    *,
    retryable: bool,
    delay: timedelta | None = None,
) -> ApplicationError:
    text = str(named) if str(root) in str(named) else f"{named} ({root})"
    if delay:
        text += f" (next attempt in {delay.total_seconds():g} s, as the server requests)"
    return ApplicationError(
        _short(text),
        type=type(named).__name__,
        non_retryable=not retryable,
        next_retry_delay=delay,
    )


def _short(text: str) -> str:
    return well_formed(redact(text))[:MAX_MESSAGE_LENGTH]
