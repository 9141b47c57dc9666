"""API errors: a status and OpenAI's JSON error object."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class ApiError(Exception):
    """Reject a request with this status and error."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers
        default = "server_error" if status >= 500 else "invalid_request_error"
        error = {"message": message, "type": _TYPES.get(status, default)}
        self.body = {"error": {**error, "param": param, "code": code}}


@contextmanager
def malformed_is_rejected() -> Iterator[None]:
    """Turn a missing field or a field of the wrong type into an ApiError (400)."""
    try:
        yield
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ApiError(400, f"Malformed request: {type(error).__name__}: {error}") from error
