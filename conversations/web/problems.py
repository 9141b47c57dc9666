"""Errors of the HTTP layer, and their responses: problem details in JSON (RFC 9457)."""

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

RETRY_AFTER = {"Retry-After": "2"}  # seconds

STATUS = {
    "InvalidKey": 400,
    "UnknownThread": 404,
    "ChatEnded": 409,
    "TurnStopped": 409,
    "InvalidInput": 422,
    "TooManyMessages": 429,
    "InternalError": 500,
    "TurnFailed": 502,
    "Unavailable": 503,
}
"""The kinds of problems. Errors of the workflow keep their names."""


class Problem(Exception):
    """An error of a request, returned as a problem. `kind` is a key of `STATUS`."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind, self.detail = kind, detail


class ProblemDetails(BaseModel):
    """The body of an error response."""

    type: str = "about:blank"
    title: str = Field(description="The kind of problem, for programs")
    status: int
    detail: str = Field(description="What is wrong and what to do, for people")


def respond(_request: Request, error: Exception) -> JSONResponse:
    """Return the response to a request that raised `error`."""
    match error:
        case Problem():
            return _response(error.kind, STATUS[error.kind], error.detail)
        case RequestValidationError():
            problems = [f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in error.errors()]
            return _response("InvalidInput", 422, "; ".join(problems))
        case HTTPException():
            return _response("HTTPError", error.status_code, error.detail)
    return _response("InternalError", 500, "The service has a bug. See its log.")


def _response(title: str, status: int, detail: str) -> JSONResponse:
    body = ProblemDetails(title=title, status=status, detail=detail).model_dump()
    headers = RETRY_AFTER if status in (429, 503) else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")
