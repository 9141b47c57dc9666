"""The FastAPI app: API, page, and reference, with size limit, access checks, and error handlers."""

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

from goal_agent.web import api, page
from goal_agent.web.errors import Kind, Problem, ServiceError
from goal_agent.web.gateway import WorkflowGateway
from goal_agent.web.security import LOCAL_HOSTS, SecurityHeaders, refuse_cross_site

MAX_BODY = 32_768
"""Bytes: the longest prompt with every character escaped (12 bytes per emoji), and some room."""

RETRY_AFTER = 2
"""Seconds."""


class SecureApp(FastAPI):
    """A FastAPI app with security headers on every response, 413 and 500 included."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return the app inside all of its middleware."""
        return SecurityHeaders(super().build_middleware_stack())


def create_app(
    gateway: WorkflowGateway,
    *,
    hosts: Sequence[str] = LOCAL_HOSTS,
    origins: Sequence[str] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """Return the app.

    Args:
        gateway: The gateway to Temporal.
        hosts: Host names to serve, on any port; `*.example.com` covers all subdomains. Requests
            for other names are rejected: a site could point its own name here (DNS rebinding).
        origins: Other sites whose pages may use the API from a browser.
        stopping: Returns whether the server is shutting down; event streams then end.
    """
    app = SecureApp(
        title="Goal agent",
        summary="A goal-driven agent that asks for confirmation before every action.",
        version="1",
        docs_url=None,  # page.docs serves it without the CDN
        redoc_url=None,
        max_body_size=MAX_BODY,
        dependencies=[Depends(refuse_cross_site)],
    )
    app.state.gateway, app.state.stopping = gateway, stopping
    app.state.hosts, app.state.origins = tuple(hosts), frozenset(origins)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Idempotency-Key"],
            expose_headers=["Location", "Retry-After"],
        )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    for router in (api.reading, api.writing, page.router):
        app.include_router(router)
    swagger_ui = ("fastapi_offline", "static")  # a package with the assets of FastAPI's /docs
    static = Path(__file__).parent / "static"
    app.mount("/static", StaticFiles(directory=static, packages=[swagger_ui]))
    for problem in (ServiceError, RequestValidationError, HTTPException):
        app.add_exception_handler(problem, _respond)
    app.add_exception_handler(Exception, _respond_to_bug)
    return app


def _respond(request: Request, error: Exception) -> Response:
    """Respond with JSON to a program, and with HTML to a browser."""
    status, problem = _describe(error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(error, ServiceError) and error.kind in (Kind.TooManyPrompts, Kind.Unavailable):
        headers["Retry-After"] = str(RETRY_AFTER)
    if request.url.path.startswith("/api"):
        return JSONResponse(problem.model_dump(), status, headers)
    return page.problem_page(request, problem, status, headers)


def _respond_to_bug(request: Request, error: Exception) -> Response:
    problem = Problem(error="InternalError", message="The service has a bug. See its log.")
    return JSONResponse(problem.model_dump(), 500)


def _describe(error: Exception) -> tuple[int, Problem]:
    if isinstance(error, ServiceError):
        return error.status, Problem(error=error.kind.name, message=str(error))
    if isinstance(error, HTTPException):
        return error.status_code, Problem(error="HTTPError", message=error.detail)
    if isinstance(error, RequestValidationError):
        found = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        return 422, Problem(error="InvalidInput", message="; ".join(found))
    raise error
