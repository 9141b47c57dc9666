"""Sorts failed model calls: what a retry can fix, when to retry, and what the failure says.

Temporal owns the retries, so each error must say whether one can help. The agents plugin sorts by
status code; this adds quota, malformed settings and answers, both forms of `Retry-After`, and one
short message without credentials in place of a chain of four.
"""

from durable_agents.redaction import redact, well_formed
from durable_agents.responses import rejected

import json
import re
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from agents import AgentsException, UserError
from openai import OpenAIError
from temporalio.exceptions import ApplicationError

MAX_RETRY_DELAY = timedelta(minutes=5)
"""A longer `Retry-After` is cut to this."""

MAX_MESSAGE_LENGTH = 1_000
"""Characters. The server shows a pending activity's last failure only up to 4 kB."""

TRANSIENT_STATUSES = {408, 409, 429}
"""Besides all from 500."""

_TRANSIENT_CODES = r"\b(server_error|rate_limit_exceeded|vector_store_timeout)\b"
_QUOTA_CODES = {"insufficient_quota", "billing_hard_limit_reached"}
_BAD_SETTINGS = {"InvalidURL", "UnsupportedProtocol", "InvalidUrlClientError", "TooManyRedirects"}
_MALFORMED = (TypeError, AttributeError, LookupError, ValueError, RecursionError)


def sort_model_error(error: Exception, attempt: int) -> ApplicationError:
    """Return what a failed model call reports to Temporal.

    Args:
        error: What the model activity raised.
        attempt: The number of this attempt, from 1. An answer that cannot be read is worth one
            retry, no more.
    """
    chain = list(_chain(error))
    if isinstance(error, ApplicationError) and not any(isinstance(e, OpenAIError) for e in chain):
        return error  # raised by a provider of our own, or already sorted
    provider = next((e for e in chain if isinstance(e, OpenAIError)), None)
    settings = next((e for e in chain if _is_settings_error(e)), None)
    malformed = _malformed(chain, provider)
    status = _status(chain)
    if settings is not None:
        return _report(provider or settings, settings, retryable=False)
    if isinstance(error, AgentsException):
        return _report(error, error, retryable=_is_transient_answer(error))
    if malformed is not None:
        retryable = _is_garbled(malformed) or attempt == 1
        reason = f"it cannot be read ({type(malformed).__name__}: {malformed})"
        return rejected(_short(reason), retryable=retryable)
    if provider is not None and status is not None:
        retryable = _is_retryable(provider, status)
        return _report(provider, provider, retryable=retryable, delay=retry_after(chain))
    return _report(provider or error, chain[-1], retryable=True)


def retry_after(chain: list[BaseException]) -> timedelta | None:
    """Return how long the server asked to be left alone, at most `MAX_RETRY_DELAY`.

    Reads `retry-after-ms` and `retry-after`, in seconds or as an HTTP date (RFC 9110, 10.2.3).
    """
    for error in chain:
        headers = getattr(getattr(error, "response", None), "headers", None)
        if isinstance(headers, Mapping) and (delay := _delay(headers)) is not None:
            return max(timedelta(0), min(delay, MAX_RETRY_DELAY))
    return None


def _delay(headers: Mapping[str, str]) -> timedelta | None:
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "")
        try:
            seconds = min(float(value) * unit, MAX_RETRY_DELAY.total_seconds())
            return timedelta(seconds=seconds)
        except ValueError:
            continue
    try:
        date = parsedate_to_datetime(headers.get("retry-after", ""))
    except (TypeError, ValueError):
        return None
    return date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what it was raised from, to the root; each once."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        hidden = current.__suppress_context__  # raised `from None`, to say it better
        current = current.__cause__ or (None if hidden else current.__context__)


def _status(chain: list[BaseException]) -> int | None:
    statuses = (getattr(error, "status_code", None) for error in chain)
    return next((status for status in statuses if isinstance(status, int)), None)


def _is_retryable(error: Any, status: int) -> bool:
    body = getattr(error, "body", None)
    codes = {body.get("code"), body.get("type")} if isinstance(body, dict) else set()
    if codes & _QUOTA_CODES:
        return False
    headers = getattr(getattr(error, "response", None), "headers", {})
    asked = headers.get("x-should-retry") if isinstance(headers, Mapping) else None
    if asked in ("true", "false"):
        return bool(asked == "true")
    return status in TRANSIENT_STATUSES or status >= 500


def _is_settings_error(error: BaseException) -> bool:
    """Whether an address or a key is malformed, or the host does not exist."""
    if type(error).__name__ in _BAD_SETTINGS or isinstance(error, UserError):
        return True
    if isinstance(error, socket.gaierror):
        return error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
    text = str(error)
    in_header = isinstance(error, UnicodeEncodeError) and error.encoding == "ascii"
    return in_header or "Illegal header value" in text or "Forbidden control character" in text


def _is_transient_answer(error: AgentsException) -> bool:
    """Whether the provider gave up on an answer, rather than the model having given a bad one."""
    failed = "`response.failed`" in str(error) or "`error`" in str(error)
    return failed and re.search(_TRANSIENT_CODES, str(error)) is not None


def _malformed(chain: list[BaseException], provider: OpenAIError | None) -> BaseException | None:
    """Return the error of reading an answer. LiteLLM wraps it as an error of the server's."""
    if provider is not None:
        chain = chain[chain.index(provider) + 1 :]
    return next((error for error in chain if isinstance(error, _MALFORMED)), None)


def _is_garbled(error: BaseException) -> bool:
    """Whether the body was cut off on its way, or is a page of some proxy's: not the model's."""
    if isinstance(error, json.JSONDecodeError):
        return bool(error.doc.strip())
    received = error.obj if isinstance(error, AttributeError) else None
    # For Chat Completions, the Agents SDK takes what it received for the second half of a pair.
    parts = received if isinstance(received, tuple) else (received,)
    return any(isinstance(part, str) and part.lstrip().startswith("<") for part in parts)


def _report(
    named: BaseException,
    said: BaseException,
    *,
    retryable: bool,
    delay: timedelta | None = None,
) -> ApplicationError:
    text = str(named)
    if said is not named and str(said) not in text:
        text = f"{text} ({said})"
    if delay:
        text = f"{text} (next attempt in {delay.total_seconds():g} s, as the server asks)"
    return ApplicationError(
        _short(text),
        type=type(named).__name__,
        non_retryable=not retryable,
        next_retry_delay=delay,
    )


def _short(text: str) -> str:
    return well_formed(redact(text))[:MAX_MESSAGE_LENGTH]
