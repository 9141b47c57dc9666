"""A failed model call reports whether and when to retry, and why, without credentials."""

from durable_agents.model_errors import MAX_MESSAGE_LENGTH, sort_model_error

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from json import JSONDecodeError

import httpx2
import openai
import pytest
from agents import ModelBehaviorError, UserError
from temporalio.exceptions import ApplicationError

KEY = "sk-proj-0123456789abcdef"


def refused(status: int, body: object = None, **headers: str) -> openai.APIStatusError:
    """Return the error of OpenAI's client for a refused request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = httpx2.Request("POST", "http://model")
    response = httpx2.Response(status, headers=named, request=request)
    kinds = {
        400: openai.BadRequestError,
        401: openai.AuthenticationError,
        429: openai.RateLimitError,
    }
    kind = kinds.get(status, openai.APIStatusError)
    return kind(f"Error code: {status}", response=response, body=body)


def raised_from(cause: BaseException, *outer: BaseException) -> Exception:
    """Return the last of `outer`, each raised from the one before it."""
    for error in outer:
        error.__cause__, cause = cause, error
    assert isinstance(cause, Exception)
    return cause


def connection_failed(cause: BaseException) -> Exception:
    request = httpx2.Request("POST", "http://model")
    return raised_from(cause, openai.APIConnectionError(request=request))


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        *((refused(status), True) for status in (408, 409, 429, 500, 502, 503, 529)),
        *((refused(status), False) for status in (400, 401, 402, 403, 404, 405, 413, 422)),
        (refused(500, x_should_retry="false"), False),
        (refused(400, x_should_retry="true"), True),
        (refused(429, {"code": "insufficient_quota", "type": "insufficient_quota"}), False),
        (refused(429, {"code": "rate_limit_exceeded"}), True),
        (connection_failed(ConnectionRefusedError(111, "Connection refused")), True),
        (connection_failed(httpx2.TooManyRedirects("too many")), False),
        (connection_failed(httpx2.UnsupportedProtocol("no scheme")), False),
        (connection_failed(socket.gaierror(socket.EAI_NONAME, "Name not known")), False),
        (connection_failed(socket.gaierror(socket.EAI_AGAIN, "Temporary failure")), True),
        (connection_failed(UnicodeEncodeError("ascii", "ü", 0, 1, "not ascii")), False),
        (connection_failed(httpx2.LocalProtocolError("Illegal header value b'sk'")), False),
        (UserError("no tool can do this"), False),
        (ModelBehaviorError("ended with terminal event `response.incomplete`."), False),
        (ModelBehaviorError("`response.failed`. error=code='server_error'"), True),
        (ModelBehaviorError("`response.failed`. error=code='invalid_prompt'"), False),
        (connection_failed(ValueError("Forbidden control character detected in headers")), False),
        (JSONDecodeError("Expecting value", "<html>", 0), True),
        (JSONDecodeError("Invalid control character at", '{"a": "\n', 7), True),
        (TimeoutError("read timed out"), True),
    ],
)
def test_error_is_retryable_if_a_retry_can_help(error: Exception, retryable: bool) -> None:
    # The agents plugin wraps what it can sort; the sorter sees through it.
    wrapped = raised_from(error, ApplicationError("Retryable OpenAI status code", type="APIStatus"))
    for attempt in (1, 12):
        assert sort_model_error(error, attempt).non_retryable is not retryable
    if isinstance(error, openai.OpenAIError):
        assert sort_model_error(wrapped, 1).non_retryable is not retryable


@pytest.mark.parametrize(
    "error", [TypeError("'NoneType' is not iterable"), KeyError("output"), RecursionError("deep")]
)
def test_unreadable_response_is_retried_once(error: Exception) -> None:
    first, second = sort_model_error(error, 1), sort_model_error(error, 2)
    assert (first.type, first.non_retryable) == ("ModelBehaviorError", False)
    assert (second.type, second.non_retryable) == ("ModelBehaviorError", True)


def test_proxy_page_is_transient_and_empty_body_is_not() -> None:
    blank = AttributeError(name="output", obj="")
    for received in ("<html>", ("a response", "<html>")):
        page = AttributeError(name="output", obj=received)
        assert not sort_model_error(page, 12).non_retryable
    assert sort_model_error(blank, 12).non_retryable
    assert sort_model_error(JSONDecodeError("Expecting value", "", 0), 12).non_retryable


def test_unreadable_response_wrapped_as_a_server_error_is_retried_once() -> None:
    wrapped = raised_from(KeyError("choices"), refused(500))
    assert not sort_model_error(wrapped, 1).non_retryable
    assert sort_model_error(wrapped, 2).non_retryable


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry_after": "7"}, 7),
        ({"retry_after": "0.25"}, 0.25),
        ({"retry_after_ms": "1500", "retry_after": "9"}, 1.5),
        ({"retry_after": "86400"}, 300),
        ({"retry_after": "1e400"}, 300),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "-5"}, 0),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
    ],
)
def test_retry_after_is_honored_up_to_five_minutes(
    headers: dict[str, str], seconds: float | None
) -> None:
    delay = sort_model_error(refused(429, **headers), 1).next_retry_delay
    assert delay == (None if seconds is None else timedelta(seconds=seconds))


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    limited = sort_model_error(refused(429, retry_after=later), 1)
    assert limited.next_retry_delay is not None
    assert 55 < limited.next_retry_delay.total_seconds() <= 60
    assert "next attempt in" in limited.message
    assert sort_model_error(refused(401, retry_after=later), 1).non_retryable


def test_report_is_named_and_short_and_has_no_key() -> None:
    echoed = refused(401)
    echoed.args = (f"Incorrect API key provided: {KEY}. " + "x" * 5_000,)
    failure = sort_model_error(echoed, 1)
    assert failure.type == "AuthenticationError"
    assert failure.message.startswith("Incorrect API key provided: [redacted]")
    assert len(failure.message) <= MAX_MESSAGE_LENGTH
    assert failure.cause is None


def test_cause_of_a_lost_connection_is_readable() -> None:
    failure = sort_model_error(connection_failed(ConnectionRefusedError(111, "refused")), 1)
    assert failure.type == "APIConnectionError"
    assert "[Errno 111] refused" in failure.message
