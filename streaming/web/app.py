"""The FastAPI app: pages, messages, and server-sent events."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request, status
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field

from streaming.models import MAX_MESSAGE_LENGTH, Transcript
from streaming.reader import FROM_START, Handle
from streaming.web.feed import Feeds
from streaming.web.gateway import ChatGateway, problem

MAX_BODY = 65_536
"""Bytes: the longest message with every character escaped (12 bytes per emoji), and some room."""

MAX_TABS = 1_000
"""Open streams of the service; more are refused with 503."""

RECONNECT_DELAY = 1_000
"""Milliseconds after which a browser resumes a lost stream."""

STATIC = Path(__file__).with_name("static")

router = APIRouter()


def create_app(gateway: ChatGateway) -> FastAPI:
    """Return the app. `serve_app` protects it, and sets `app.state.is_stopping`."""
    app = FastAPI(
        title="Streaming chat",
        docs_url=None,  # it would load scripts from another host
        redoc_url=None,
        max_body_size=MAX_BODY,
    )
    app.state.gateway = gateway
    app.state.is_stopping = lambda: False
    app.state.feeds = Feeds(lambda: app.state.is_stopping())
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC))
    return app


def _gateway_of(request: Request) -> ChatGateway:
    gateway: ChatGateway = request.app.state.gateway
    return gateway


def _feeds_of(request: Request) -> Feeds:
    feeds: Feeds = request.app.state.feeds
    return feeds


Gateway = Annotated[ChatGateway, Depends(_gateway_of)]
AllFeeds = Annotated[Feeds, Depends(_feeds_of)]


async def _find_chat(chat_id: str, gateway: Gateway) -> Handle:
    return await gateway.find(chat_id)


def _check_room(feeds: AllFeeds) -> None:
    if feeds.tabs >= MAX_TABS:
        raise problem(503, "TooManyTabs", "Too many pages are open. Try again later.")


class NewMessage(BaseModel):
    """A message to the storyteller."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_MESSAGE_LENGTH, pattern=r"\S")


class Answer(BaseModel):
    """The answer to a message."""

    answer: str


@router.get("/", include_in_schema=False)
async def home() -> FileResponse:
    """Show the page that starts a chat."""
    return FileResponse(STATIC / "home.html")


@router.get("/chats/{chat_id}", include_in_schema=False)
async def show(chat_id: str, gateway: Gateway) -> FileResponse:
    """Show a chat; the page reads its text from the event stream."""
    try:
        await gateway.find(chat_id)
    except HTTPException as error:
        if error.status_code != status.HTTP_404_NOT_FOUND:
            raise
        return FileResponse(STATIC / "unknown.html", status.HTTP_404_NOT_FOUND)
    return FileResponse(STATIC / "chat.html")


@router.post("/chats", status_code=status.HTTP_303_SEE_OTHER)
async def start(gateway: Gateway) -> RedirectResponse:
    """Start a chat, and redirect to it. The service generates its id."""
    return RedirectResponse(f"/chats/{await gateway.start()}", status.HTTP_303_SEE_OTHER)


@router.get(
    "/chats/{chat_id}/events",
    response_class=EventSourceResponse,
    dependencies=[Depends(_check_room)],
)
async def events(
    chat: Annotated[Handle, Depends(_find_chat)],
    feeds: AllFeeds,
    last_event_id: Annotated[int, Header(ge=FROM_START)] = FROM_START,
) -> AsyncIterator[ServerSentEvent]:
    """Stream a chat from the offset in `Last-Event-ID` on, until it has ended."""
    async with feeds.open(chat) as feed:
        async for notice in feed.notices(last_event_id):
            yield ServerSentEvent(
                event=notice.event,
                data=notice.data,
                id=None if notice.id is None else str(notice.id),
                retry=RECONNECT_DELAY,
            )


@router.post("/chats/{chat_id}/messages")
async def send(
    chat_id: str,
    message: NewMessage,
    gateway: Gateway,
    feeds: AllFeeds,
    idempotency_key: Annotated[str, Header(pattern=r"^[!-~]+$", max_length=100)],
) -> Answer:
    """Send a message; return its answer. After a 503, resend with the same key.

    The page shows the answer from the event stream, and ignores this one.
    """
    with feeds.expecting(chat_id):
        return Answer(answer=await gateway.send(chat_id, message.text, idempotency_key))


@router.post("/chats/{chat_id}/end")
async def end(chat_id: str, gateway: Gateway, feeds: AllFeeds) -> Transcript:
    """Stop the turn in flight, and end the chat."""
    with feeds.expecting(chat_id):
        return await gateway.end(chat_id)
