"""The page as HTML: nothing of it from elsewhere, whatever is said stays text, forms suffice."""

from durable_agents import connect

import asyncio
import re

import httpx2
import pytest

from goal_agent.goals import GOALS
from goal_agent.models import Activity, ConversationHistory, Message
from goal_agent.service.conversations import Conversations
from tests.goal_agent.service import Service, listening

NASTY = "<script>alert(1)</script>\n\ndata: x\r\nevent: end\rid: 1\u2028\n'\"&"
HISTORY = ConversationHistory(
    goal=next(iter(GOALS)),
    summary="<b>bold</b>",
    messages=[Message(actor="user", text=NASTY), Message(actor="tool", text=NASTY)],
    tool_data=None,
    activity=Activity.IDLE,
    queued=1,
)


class Told(Conversations):
    """A conversation that stands still until it is told to end; prompts are kept."""

    def __init__(self, history: ConversationHistory = HISTORY) -> None:
        self.now, self.prompts = history, list[str]()

    async def history(self, conversation_id: str) -> ConversationHistory:
        return self.now

    async def send(self, conversation_id: str, text: str, key: str | None = None) -> int:
        self.prompts.append(text)
        return 1

    async def start(self, goal: str, prompt: str | None = None) -> str:
        self.prompts += [prompt] if prompt else []
        return "new"


async def test_what_is_said_stays_text_on_the_page_and_in_its_events() -> None:
    told = Told()
    service = Service(told)
    page = await service.get("/conversations/1")
    async with (
        listening(service.app) as address,
        httpx2.AsyncClient(timeout=20) as http,
        http.stream("GET", f"{address}/conversations/1/events") as response,
    ):
        lines = response.aiter_lines()
        first = [await anext(lines) for _ in range(8)]
        told.now = HISTORY.model_copy(update={"activity": Activity.ENDED})  # the log is the same
        rest = [line async for line in lines]
    for html in (page.text, "\n".join(first + rest)):
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert "<b>" not in html
    events = [line for line in first + rest if line.startswith("event:")]
    assert events == ["event: log", "event: end"], "what is said must not look like an event"
    assert not any(line.startswith("id:") for line in first + rest)


async def test_a_stream_that_somebody_watches_does_not_hold_up_the_end_of_the_server() -> None:
    async with httpx2.AsyncClient(timeout=20) as http, asyncio.timeout(20):
        async with listening(Service(Told()).app) as address:
            response = await http.send(
                http.build_request("GET", f"{address}/conversations/1/events"), stream=True
            )
            assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line async for line in response.aiter_lines()]
    assert "event: log" in lines
    assert "event: end" not in lines, "the browser would not come back to the next server"


async def test_all_that_the_pages_load_is_served_by_the_service() -> None:
    service = Service(Told())
    for path in ("/", "/conversations/1", "/docs", "/conversations"):
        page = await service.get(path)
        loaded = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
        assert loaded
        assert all(link.startswith("/") and not link.startswith("//") for link in loaded), path
        for link in loaded:
            assert (await service.get(link)).status_code == 200, link
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert not re.search(r"<script(?! src)|<style|\son\w+=|style=", page.text), path


@pytest.mark.parametrize(
    ("path", "form", "to"),
    [
        ("/conversations", {"goal": "g", "prompt": "a\r\nb"}, "/conversations/new"),
        ("/conversations/7/prompts", {"text": "a\r\nb"}, "/conversations/7"),
    ],
)
async def test_forms_work_without_scripts(path: str, form: dict[str, str], to: str) -> None:
    told = Told()
    answer = await Service(told).http.post(path, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, to)
    assert told.prompts == ["a\nb"], "a browser counts a line break as one character"


@pytest.mark.parametrize(("header", "whole"), [({}, True), ({"hx-request": "true"}, False)])
async def test_a_prompt_that_does_not_fit_is_answered_with_a_notice(
    header: dict[str, str], whole: bool
) -> None:
    path = "/conversations/7/prompts"
    answer = await Service(Told()).http.post(path, data={"text": " "}, headers=header)
    assert answer.status_code == 422
    assert ("<html" in answer.text) is whole


async def test_a_conversation_that_is_not_there_is_a_page_that_says_so() -> None:
    service = Service(Conversations(await connect()))
    answer = await service.get("/conversations/worker")
    assert answer.status_code == 404
    assert "There is no such conversation" in answer.text
