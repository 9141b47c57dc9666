"""Puts API and page together, with what protects both: size limit, origins, errors in one form."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from goal_agent.service import page, reference, routes
from goal_agent.service.conversations import Conversations
from goal_agent.service.problems import Problem, ServiceError, TooManyPrompts, Unavailable
from goal_agent.service.security import LOCAL_HOSTS, ProtectiveHeaders, refuse_cross_site

MAX_BODY = 32_768
"""Bytes: the longest prompt, every character of it escaped (an emoji takes 12), and some room."""

RETRY_AFTER = 2
"""Seconds."""

HERE = Path(__file__).parent


class ProtectedApp(FastAPI):
    """Puts the protective headers on every response, also on a 413 and a 500."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return the app inside all of its middleware."""
        return ProtectiveHeaders(super().build_middleware_stack())


def create_app(
    conversations: Conversations,
    *,
    hosts: Sequence[str] = LOCAL_HOSTS,
    origins: Sequence[str] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """Return the service.

    Args:
        conversations: How it talks to Temporal.
        hosts: By which names it may be called, on any port; `*.example.com` names all below. A page
            whose own name was made to point here (DNS rebinding) is refused.
        origins: Whose pages may use the API from a browser. Nobody's but our own, by default.
        stopping: Says when the server wants to stop: what streams, ends then.
    """
    app = ProtectedApp(
        title="Goal agent",
        summary="An agent that talks its way to a goal, and asks before it acts.",
        version="1",
        docs_url=None,  # FastAPI's own page loads its scripts from another host
        redoc_url=None,
        max_body_size=MAX_BODY,
        dependencies=[Depends(refuse_cross_site)],
    )
    app.state.conversations = conversations
    app.state.hosts, app.state.origins = tuple(hosts), frozenset(origins)
    app.state.stopping = stopping
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Idempotency-Key"],
            expose_headers=["Location", "Retry-After"],
        )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    for router in (routes.reading, routes.writing, page.router, reference.router):
        app.include_router(router)
    # htmx comes with the package django-htmx, whose Python code is not needed, nor imported.
    htmx = ("django_htmx", "static/django_htmx")
    app.mount("/static", StaticFiles(directory=HERE / "static", packages=[htmx]))
    for problem in (ServiceError, RequestValidationError, HTTPException):
        app.add_exception_handler(problem, _answer)
    app.add_exception_handler(Exception, _crashed)
    return app


def _answer(request: Request, error: Exception) -> Response:
    """Answer a program with JSON, and a page with a page."""
    status, problem = _described(error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(error, TooManyPrompts | Unavailable):
        headers["Retry-After"] = str(RETRY_AFTER)
    if request.url.path.startswith("/api"):
        return JSONResponse(problem.model_dump(), status, headers)
    return page.problem_page(request, problem, status, headers)


def _crashed(request: Request, error: Exception) -> Response:
    """Answer when a bug has raised. The server logs the bug."""
    problem = Problem(error="InternalError", message="The service has a bug. Its log names it.")
    return JSONResponse(problem.model_dump(), 500)


def _described(error: Exception) -> tuple[int, Problem]:
    if isinstance(error, ServiceError):
        return error.status, error.problem
    if isinstance(error, HTTPException):
        return error.status_code, Problem(error="HTTPError", message=error.detail)
    if isinstance(error, RequestValidationError):
        said = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        return 422, Problem(error="InvalidInput", message="; ".join(said))
    raise error
