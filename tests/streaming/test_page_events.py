"""The page's rules for each kind of event, in Chromium, on a stream that the test writes."""

import asyncio
import json
from typing import Annotated

import pytest
from fastapi import FastAPI, Header, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from playwright.async_api import Page, expect

from streaming.web.app import STATIC
from tests.harness.services import listening
from tests.streaming.browser import browser, open_chat

pytestmark = pytest.mark.browser

CHAT = "/chats/chat-1"


class EventStream:
    """Serves the page of a chat, and one part of its stream for each connection.

    Attributes:
        app: The service.
        resumed_at: The `Last-Event-ID` of each connection.
    """

    def __init__(self) -> None:
        self._parts: asyncio.Queue[str] = asyncio.Queue()
        self.resumed_at: list[str | None] = []
        self.app = FastAPI()
        self.app.mount("/static", StaticFiles(directory=STATIC))
        self.app.add_api_route(CHAT, lambda: FileResponse(STATIC / "chat.html"))
        self.app.add_api_route(f"{CHAT}/events", self._serve)

    def add(self, *events: tuple[str, dict[str, object]], id: int) -> None:
        """Add a part; the connection is lost after it."""
        lines = [f"event: {name}\ndata: {json.dumps(data)}\nid: {id}" for name, data in events]
        self._parts.put_nowait("retry: 20\n\n" + "\n\n".join(lines) + "\n\n")

    async def _serve(self, last_event_id: Annotated[str | None, Header()] = None) -> Response:
        part = await self._parts.get()
        self.resumed_at.append(last_event_id)
        return Response(part, media_type="text/event-stream")


def question(turn: int) -> tuple[str, dict[str, object]]:
    return "question", {"turn": turn, "text": f"Q{turn}", "id": f"{turn}"}


def text(turn: int, attempt: int, text: str) -> tuple[str, dict[str, object]]:
    return "text", {"turn": turn, "call": f"{turn}", "attempt": attempt, "text": text}


def finish(kind: str, turn: int, text: str) -> tuple[str, dict[str, object]]:
    return kind, {"kind": kind, "turn": turn, "text": text}


def snapshot(*turns: int) -> tuple[str, dict[str, object]]:
    done = [{"number": n, "question": f"Q{n}", "answer": f"A{n}", "id": f"{n}"} for n in turns]
    return "snapshot", {"turns": done}


async def shown(page: Page) -> list[str]:
    """Return the text of each message."""
    texts = page.locator("article .text")
    return [(await each.inner_text()).strip() for each in await texts.all()]


async def test_page_applies_each_kind_of_event() -> None:
    stream = EventStream()
    async with listening(stream.app) as address, browser() as context:
        user = await open_chat(context, address + CHAT)
        lost = [text(2, 1, "Once "), text(2, 1, "a"), text(2, 2, ""), text(2, 2, "Twice")]
        stream.add(snapshot(1), question(2), *lost, id=7)
        await expect(user.lost).to_have_text("Once a")
        assert await shown(user.page) == ["Q1", "A1", "Q2", "Once a\n\nAttempt 2\n\nTwice"]
        stream.add(text(2, 2, " more"), id=8)
        await expect(user.writing.locator(".partial")).to_have_text("Twice more")
        stream.add(finish("answer", 2, "Thrice"), question(3), text(3, 1, "No"), id=11)
        await expect(user.page.get_by_text("Thrice")).to_be_visible()
        assert await shown(user.page) == ["Q1", "A1", "Q2", "Once a\nThrice", "Q3", "No"]
        stream.add(finish("failure", 3, "refused"), id=12)
        await expect(user.page.get_by_text("Not answered: refused")).to_be_visible()
        assert (await shown(user.page))[5] == "Not answered: refused", "partial text is left"
        stream.add(snapshot(1, 2, 4), question(5), id=20)  # it was away too long
        await expect(user.page.get_by_text("Q5")).to_be_visible()
        assert await shown(user.page) == ["Q1", "A1", "Q2", "A2", "Q4", "A4", "Q5", ""]
        stream.add(("ended", {}), id=21)
        await expect(user.page.get_by_text("This chat has ended.")).to_be_visible()
        assert stream.resumed_at == [None, "7", "8", "11", "12", "20"]
        assert user.errors == []
