"""Classifies failed model calls: whether to retry, when, and with which message.

Temporal owns the retries, so each error must say whether one can help. The agents plugin classifies
by status code; this module adds quotas, malformed settings and responses, every form of
`Retry-After`, and one short message without credentials in place of a chain of four.
"""

from durable_agents.errors import UNREADABLE
from durable_agents.redaction import redact, well_formed
from durable_agents.responses import rejected

import json
import re
import socket
import time
from calendar import timegm
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from email.utils import parsedate
from typing import Any

from agents import AgentsException
from openai import OpenAIError
from temporalio.exceptions import ApplicationError

MAX_RETRY_DELAY = timedelta(minutes=5)  # A longer `Retry-After` is shortened to this.
MAX_MESSAGE_LENGTH = 1_000  # characters; of a pending activity's failure, the server shows 4 kB
TRANSIENT_STATUSES = {408, 409, 429}  # in addition to every status from 500
_QUOTA_CODES = {"insufficient_quota", "billing_hard_limit_reached"}

_FAILED = r"(?s)`(response\.failed|error)`.*(server_error|rate_limit_exceeded|vector_store_timeout)"
# Malformed addresses and keys, unknown hosts, and requests that the Agents SDK cannot send.
_SETTINGS = (
    r"(?s)(InvalidURL|UnsupportedProtocol|InvalidUrlClientError|TooManyRedirects|UserError): "
    rf"|gaierror: \[Errno ({socket.EAI_NONAME}|{getattr(socket, 'EAI_NODATA', None)})\]"
    r"|UnicodeEncodeError: 'ascii'|.*(Illegal header value|Forbidden control character)"
)


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
    if settings := next((e for e in chain if re.match(_SETTINGS, _text(e))), None):
        return _report(provider or settings, settings, retryable=False)
    if isinstance(error, AgentsException):
        return _report(error, error, retryable=bool(re.search(_FAILED, str(error))))
    inside = chain[chain.index(provider) + 1 :] if provider else chain  # LiteLLM wraps it in one
    if malformed := next((e for e in inside if isinstance(e, UNREADABLE)), None):
        reason = _short(f"it cannot be read ({_text(malformed)})")
        return rejected(reason, retryable=attempt == 1 or _is_garbled(malformed))
    status = next((s for e in chain if isinstance(s := getattr(e, "status_code", None), int)), None)
    if provider is None or status is None:
        return _report(provider or error, chain[-1], retryable=True)
    found = (getattr(getattr(e, "response", None), "headers", None) for e in chain)
    headers = next((headers for headers in found if isinstance(headers, Mapping)), {})
    retryable = _is_retryable(status, getattr(provider, "body", None), headers)
    return _report(provider, provider, retryable=retryable, delay=_retry_after(headers))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield `error` and what it was raised from, to the root; each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


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
    if (requested := headers.get("x-should-retry")) in ("true", "false"):
        return requested == "true"
    return status in TRANSIENT_STATUSES or status >= 500


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return `retry-after-ms` or `retry-after`: seconds or a date (RFC 9110, section 10.2.3)."""
    value = headers.get("retry-after", "")
    read: Callable[[], float]
    for read in (
        lambda: float(headers.get("retry-after-ms", "")) / 1000,
        lambda: float(value),
        lambda: timegm(parsedate(value) or ()) - time.time(),
    ):
        with suppress(TypeError, ValueError):
            return timedelta(seconds=min(max(read(), 0), MAX_RETRY_DELAY.total_seconds()))
    return None


def _report(
    named: BaseException, root: BaseException, *, retryable: bool, delay: timedelta | None = None
) -> ApplicationError:
    text = str(named) if str(root) in str(named) else f"{named} ({root})"
    if delay:
        text += f" (next attempt in {delay.total_seconds():g} s, as the server requests)"
    kind, text = type(named).__name__, _short(text)
    return ApplicationError(text, type=kind, non_retryable=not retryable, next_retry_delay=delay)


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _short(text: str) -> str:
    return well_formed(redact(text))[:MAX_MESSAGE_LENGTH]
