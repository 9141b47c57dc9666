"""The FastAPI app: API and page, with a size limit and error handlers."""

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from human_in_the_loop.deciding import DecisionRefused
from human_in_the_loop.web import api, page
from human_in_the_loop.web.inbox import Inbox, Unavailable

MAX_BODY = 131_072  # bytes


def create_app(inbox: Inbox) -> FastAPI:
    """Return the app, which `serve_app` protects."""
    app = FastAPI(
        title="Inbox",
        summary="Every pending tool call of every workflow.",
        docs_url=None,  # they load scripts from another host
        redoc_url=None,
        max_body_size=MAX_BODY,
    )
    app.state.inbox = inbox
    app.include_router(api.router)
    app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    for problem in (DecisionRefused, Unavailable, RequestValidationError, HTTPException):
        app.add_exception_handler(problem, _respond)
    return app


def _respond(request: Request, error: Exception) -> Response:
    """Respond with JSON to a program, and with a line of text to a browser."""
    status, problem = _describe(error)
    headers = page.RETRY_AFTER if status == 503 else None
    if request.url.path.startswith("/api/"):
        return JSONResponse(problem.model_dump(), status, headers)
    return PlainTextResponse(problem.message, status, headers)


def _describe(error: Exception) -> tuple[int, api.Problem]:
    match error:
        case DecisionRefused():
            status = page.STATUS.get(error.kind, 409)
            return status, api.Problem(error=error.kind, message=str(error))
        case Unavailable():
            return 503, api.Problem(error="Unavailable", message=page.UNAVAILABLE)
        case HTTPException():
            return error.status_code, api.Problem(error="HTTPError", message=error.detail)
        case RequestValidationError():
            found = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
            return 422, api.Problem(error="InvalidInput", message="; ".join(found))
    raise error
