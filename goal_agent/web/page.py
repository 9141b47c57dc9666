"""The web page: server-rendered HTML, with changes pushed as server-sent events."""

from durable_agents.web import HEADERS

import asyncio
import hashlib
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.templating import Jinja2Templates

from goal_agent.goals import GOALS
from goal_agent.limits import MAX_PROMPT
from goal_agent.models import ConversationHistory, ConversationStatus, Prompt
from goal_agent.web.api import Gateway
from goal_agent.web.errors import Kind, Problem, ServiceError
from goal_agent.web.feed import Feed
from goal_agent.web.gateway import Decision

POLL_INTERVAL = 0.3  # seconds
RECONNECT_DELAY = 1000  # milliseconds

templates = Jinja2Templates(Path(__file__).parent / "templates")
templates.env.trim_blocks = templates.env.lstrip_blocks = True
templates.env.globals |= {"GOALS": GOALS, "MAX_PROMPT": MAX_PROMPT}
router = APIRouter(include_in_schema=False)


def html(name: str, status_code: int = 200, **values: object) -> HTMLResponse:
    """Return a rendered template as a response."""
    return HTMLResponse(_render(name, **values), status_code)


def problem_page(
    request: Request, problem: Problem, status_code: int, headers: Mapping[str, str]
) -> Response:
    """Return an error as a notice for htmx, or as a page for a plain request."""
    name = "notice.html" if "hx-request" in request.headers else "problem.html"
    response = html(name, status_code, problem=problem)
    response.headers.update(headers)
    return response


@router.get("/")
async def goals() -> HTMLResponse:
    """Show the goal picker."""
    return html("goals.html")


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Show FastAPI's reference page, with its assets from this host.

    The content security policy allows the page's inline script by its hash.
    """
    response = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=f"{request.app.title}: API",
        swagger_js_url="/static/swagger-ui-bundle.js",
        swagger_css_url="/static/swagger-ui.css",
        swagger_favicon_url="/static/icon.svg",
        swagger_ui_parameters={"validatorUrl": None},  # the default is another host
    )
    [script] = re.findall(rb"<script>(.*?)</script>", bytes(response.body), re.DOTALL)
    digest = b64encode(hashlib.sha256(script).digest()).decode()
    allowed = f"script-src 'self' 'sha256-{digest}'; img-src 'self' data:"
    policy = f"{HEADERS['Content-Security-Policy']}; {allowed}"
    response.headers["Content-Security-Policy"] = policy
    return response


@router.post("/conversations")
async def start(
    goal: Annotated[str, Form()],
    gateway: Gateway,
    prompt: Annotated[Prompt | None, Form()] = None,
) -> RedirectResponse:
    """Start a conversation, and redirect to it."""
    return _redirect(await gateway.start(goal, prompt))


@router.get("/conversations/{conversation_id}")
async def show(conversation_id: str, gateway: Gateway) -> HTMLResponse:
    """Show a conversation; without a worker, a page that waits for one."""
    history = None
    try:
        history = await gateway.history(conversation_id)
    except ServiceError as error:
        if error.kind is not Kind.Unavailable:
            raise
    return html("conversation.html", id=conversation_id, history=history, away=history is None)


@router.get("/conversations/{conversation_id}/events", response_class=EventSourceResponse)
async def events(
    request: Request, conversation_id: str, gateway: Gateway
) -> AsyncIterator[ServerSentEvent]:
    """Stream the changes of a conversation until it ends or the client disconnects."""
    feed, state = Feed(gateway, conversation_id), None
    shown: ConversationHistory | None = None
    while not request.app.state.is_stopping():
        away, history = False, shown
        try:
            history = await _latest(request, feed) or shown
        except ServiceError as error:
            if error.kind is not Kind.Unavailable:
                yield _event("end", "ended.html", reason=str(error))
                return
            away = True
        values = {"id": conversation_id, "history": history, "away": away}
        before, state = state, _render("state.html", **values)
        if before is None or not _continues(shown, history):
            yield _event("log", "log.html", **values)
        else:
            if history and shown and (new := history.messages[len(shown.messages) :]):
                yield _event("messages", "messages.html", messages=new)
            if state != before:
                yield _event("state", "state.html", **values)
        if history and history.activity is ConversationStatus.ENDED:
            yield _event("end", "ended.html")
            return
        shown = history
        await asyncio.sleep(POLL_INTERVAL)


@router.post("/conversations/{conversation_id}/prompts")
async def send(
    request: Request, conversation_id: str, text: Annotated[Prompt, Form()], gateway: Gateway
) -> Response:
    """Send a message."""
    await gateway.send(conversation_id, text)
    return _done(request, conversation_id)


@router.post("/conversations/{conversation_id}/steps/{step_id}/{decision}")
async def decide(
    request: Request, conversation_id: str, step_id: str, decision: Decision, gateway: Gateway
) -> Response:
    """Confirm or cancel a step."""
    await gateway.decide(conversation_id, step_id, decision)
    return _done(request, conversation_id)


@router.post("/conversations/{conversation_id}/end")
async def end(request: Request, conversation_id: str, gateway: Gateway) -> Response:
    """End the conversation."""
    await gateway.end(conversation_id)
    return _done(request, conversation_id)


def _done(request: Request, conversation_id: str) -> Response:
    """Answer a form: with an empty notice for htmx, else with a redirect to the conversation."""
    return HTMLResponse() if "hx-request" in request.headers else _redirect(conversation_id)


def _redirect(conversation_id: str) -> RedirectResponse:
    return RedirectResponse(f"/conversations/{conversation_id}", 303)


def _render(name: str, **values: object) -> str:
    return templates.get_template(name).render(**values)


def _event(event: str, name: str, **values: object) -> ServerSentEvent:
    html = _render(name, **values)
    return ServerSentEvent(event=event, raw_data=html, retry=RECONNECT_DELAY)


async def _latest(request: Request, feed: Feed) -> ConversationHistory | None:
    """Return a conversation; None if the server stops first."""
    query = asyncio.create_task(feed.latest())
    try:
        while not query.done() and not request.app.state.is_stopping():
            await asyncio.wait({query}, timeout=POLL_INTERVAL)
        return query.result() if query.done() else None
    finally:
        query.cancel()  # no effect if it is done


def _continues(shown: ConversationHistory | None, history: ConversationHistory | None) -> bool:
    """Return whether messages were at most added: continue-as-new drops the oldest."""
    if shown is None or history is None:
        return shown is history
    return shown.earlier == history.earlier and shown.summary == history.summary
