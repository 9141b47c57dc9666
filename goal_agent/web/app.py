"""The FastAPI app: API, page, and reference, with a size limit and error handlers."""

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from goal_agent.web import api, page
from goal_agent.web.errors import RETRY_AFTER, Kind, Problem, ServiceError
from goal_agent.web.gateway import WorkflowGateway

MAX_BODY = 32_768
"""Bytes: the longest prompt with every character escaped (12 bytes per emoji), and some room."""


def create_app(gateway: WorkflowGateway) -> FastAPI:
    """Return the app, which `durable_agents.web` serves and protects from other sites."""
    app = FastAPI(
        title="Goal agent",
        summary="A goal-driven agent that asks for confirmation before every action.",
        version="1",
        docs_url=None,  # page.docs serves it without the CDN
        redoc_url=None,
        max_body_size=MAX_BODY,
    )
    app.state.gateway = gateway
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
    status, problem, headers = _describe(error)
    if request.url.path.startswith("/api"):
        return JSONResponse(problem.model_dump(), status, headers)
    return page.problem_page(request, problem, status, headers)


def _respond_to_bug(request: Request, error: Exception) -> Response:
    problem = Problem(error="InternalError", message="The service has a bug. See its log.")
    return JSONResponse(problem.model_dump(), 500)


def _describe(error: Exception) -> tuple[int, Problem, dict[str, str]]:
    if isinstance(error, ServiceError):
        headers = RETRY_AFTER if error.kind in (Kind.TooManyPrompts, Kind.Unavailable) else {}
        return error.status, Problem(error=error.kind.name, message=str(error)), headers
    if isinstance(error, HTTPException):
        problem = Problem(error="HTTPError", message=error.detail)
        return error.status_code, problem, dict(error.headers or {})
    if isinstance(error, RequestValidationError):
        found = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        return 422, Problem(error=Kind.InvalidInput.name, message="; ".join(found)), {}
    raise error
