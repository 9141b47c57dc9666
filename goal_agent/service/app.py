"""Puts API and page together, with what protects both: size limit, origins, errors in one form."""

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from goal_agent.service import page, reference, routes
from goal_agent.service.conversations import Conversations
from goal_agent.service.problems import CrossSite, Problem, ServiceError, Unavailable

MAX_BODY = 16_384
"""Bytes: the longest prompt, every character of it escaped, and some room."""

RETRY_AFTER = 2
"""Seconds."""

HERE = Path(__file__).parent


def create_app(
    conversations: Conversations,
    *,
    origins: Sequence[str] = (),
    stopping: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """Return the service.

    Args:
        conversations: How it talks to Temporal.
        origins: Whose pages may use the API from a browser. Nobody's but our own, by default.
        stopping: Says when the server wants to stop: what streams, ends then.
    """
    app = FastAPI(
        title="Goal agent",
        summary="An agent that talks its way to a goal, and asks before it acts.",
        version="1",
        docs_url=None,  # FastAPI's own page loads its scripts from another host
        redoc_url=None,
        max_body_size=MAX_BODY,
        dependencies=[Depends(refuse_cross_site)],
    )
    app.state.conversations = conversations
    app.state.origins = frozenset(origins)
    app.state.stopping = stopping
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type"],
            expose_headers=["Location", "Retry-After"],
        )
    for router in (routes.reading, routes.writing, page.router, reference.router):
        app.include_router(router)
    # htmx comes with the package django-htmx, whose Python code is not needed, nor imported.
    files = StaticFiles(directory=HERE / "static", packages=[("django_htmx", "static/django_htmx")])
    app.mount("/static", files)
    app.add_exception_handler(ServiceError, _answer)
    app.add_exception_handler(RequestValidationError, _answer)
    app.add_exception_handler(HTTPException, _answer)
    return app


def refuse_cross_site(request: Request) -> None:
    """Refuse what a page of another site has the user's browser send.

    A form needs nobody's consent to post to another site. Browsers say where a request comes
    from, in a header that no page can set; programs send none, and are let in.

    Raises:
        CrossSite: It comes from a page that is neither ours nor one of the allowed origins.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    ours = urlsplit(origin or "").netloc == request.headers.get("host")
    if site in {"same-origin", "none"} or (site is None and (origin is None or ours)):
        return
    if origin not in request.app.state.origins:
        raise CrossSite("This was sent by a page of another site.")


def _answer(request: Request, error: Exception) -> Response:
    """Answer a program with JSON, and a page with a page."""
    status, problem = _described(error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(RETRY_AFTER)
    if request.url.path.startswith("/api"):
        return JSONResponse(problem.model_dump(), status, headers)
    return page.problem_page(request, problem, status, headers)


def _described(error: Exception) -> tuple[int, Problem]:
    if isinstance(error, ServiceError):
        return error.status, error.problem
    if isinstance(error, HTTPException):
        return error.status_code, Problem(error="HTTPError", message=error.detail)
    if isinstance(error, RequestValidationError):
        said = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        return 422, Problem(error="InvalidInput", message="; ".join(said))
    raise error
