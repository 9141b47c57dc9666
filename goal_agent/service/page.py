"""The page: HTML made on the server, and sent again when something has changed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response, status
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.templating import Jinja2Templates
from pydantic import BeforeValidator

from goal_agent.goals import GOALS
from goal_agent.models import MAX_PROMPT, Activity, ConversationHistory
from goal_agent.service.conversations import Decision
from goal_agent.service.problems import Problem, ServiceError, Unavailable
from goal_agent.service.routes import Prompt, Service

LOOK_AGAIN = 0.3
"""Seconds between two looks at a conversation that somebody watches."""

RECONNECT = 1000
"""Milliseconds after which a browser that has lost us tries again."""

templates = Jinja2Templates(Path(__file__).parent / "templates")
templates.env.trim_blocks = templates.env.lstrip_blocks = True
templates.env.globals |= {"GOALS": GOALS, "MAX_PROMPT": MAX_PROMPT}
router = APIRouter(include_in_schema=False)

# Browsers send a line break of a form as two characters, and count it as one.
one_line_break = BeforeValidator(lambda text: text.replace("\r\n", "\n") if text else text)


def render(name: str, **values: object) -> str:
    """Return a template, filled."""
    return templates.get_template(name).render(**values)


def html(name: str, code: int = 200, **values: object) -> HTMLResponse:
    """Return a template, filled, as a response."""
    return HTMLResponse(render(name, **values), code)


def problem_page(
    request: Request, problem: Problem, code: int, headers: Mapping[str, str]
) -> Response:
    """Say what is wrong: above the input of the page that asked, or on a page of its own."""
    name = "notice.html" if "hx-request" in request.headers else "problem.html"
    response = html(name, code, problem=problem)
    response.headers.update(headers)
    return response


def done(request: Request, conversation_id: str) -> Response:
    """Answer a form: with an empty notice for htmx, else with the way to the conversation."""
    if "hx-request" in request.headers:
        return HTMLResponse("")
    path = f"/conversations/{conversation_id}"
    return RedirectResponse(path, status.HTTP_303_SEE_OTHER)


@router.get("/")
async def goals() -> HTMLResponse:
    """Let the user pick a goal."""
    return html("goals.html")


@router.post("/conversations")
async def start(
    goal: Annotated[str, Form()],
    service: Service,
    prompt: Annotated[Prompt | None, one_line_break, Form()] = None,
) -> RedirectResponse:
    """Begin a conversation, and go there."""
    conversation_id = await service.start(goal, prompt)
    return RedirectResponse(f"/conversations/{conversation_id}", status.HTTP_303_SEE_OTHER)


@router.get("/conversations/{conversation_id}")
async def show(conversation_id: str, service: Service) -> HTMLResponse:
    """Show a conversation; without a worker, the page that waits for one."""
    history = None
    with suppress(Unavailable):
        history = await service.history(conversation_id)
    return html("conversation.html", id=conversation_id, history=history, away=history is None)


@router.get("/conversations/{conversation_id}/events", response_class=EventSourceResponse)
async def events(
    request: Request, conversation_id: str, service: Service
) -> AsyncIterator[ServerSentEvent]:
    """Send the conversation whenever it has changed, until it ends or nobody watches."""
    stopping: Callable[[], bool] = request.app.state.stopping
    sent: str | None = None
    history: ConversationHistory | None = None
    while not stopping():
        away = False
        try:
            history = await looked_at(service.history(conversation_id), stopping) or history
        except Unavailable:
            away = True
        except ServiceError as error:
            yield ServerSentEvent(event="end", raw_data=render("ended.html", reason=str(error)))
            return
        log = render("log.html", id=conversation_id, history=history, away=away)
        if log != sent:
            sent = log
            yield ServerSentEvent(event="log", raw_data=log, retry=RECONNECT)
        if history and history.activity is Activity.ENDED:
            yield ServerSentEvent(event="end", raw_data=render("ended.html"))
            return
        await asyncio.sleep(LOOK_AGAIN)


async def looked_at(
    looking: Coroutine[object, object, ConversationHistory], stopping: Callable[[], bool]
) -> ConversationHistory | None:
    """Return what a look at a conversation shows; None where the server stops meanwhile.

    Raises:
        ServiceError: What the look does.
    """
    task = asyncio.create_task(looking)
    try:
        while not stopping():
            await asyncio.wait({task}, timeout=LOOK_AGAIN)
            if task.done():
                return task.result()
    finally:
        task.cancel()
    return None


@router.post("/conversations/{conversation_id}/prompts")
async def send(
    request: Request,
    conversation_id: str,
    text: Annotated[Prompt, one_line_break, Form()],
    service: Service,
) -> Response:
    """Say something."""
    await service.send(conversation_id, text)
    return done(request, conversation_id)


@router.post("/conversations/{conversation_id}/steps/{step_id}/{decision}")
async def decide(
    request: Request, conversation_id: str, step_id: str, decision: Decision, service: Service
) -> Response:
    """Confirm or cancel the step that a card shows."""
    await service.decide(conversation_id, step_id, decision)
    return done(request, conversation_id)


@router.post("/conversations/{conversation_id}/end")
async def end(request: Request, conversation_id: str, service: Service) -> Response:
    """End the conversation."""
    await service.end(conversation_id)
    return done(request, conversation_id)
