"""The page as HTML: escaped, self-contained, and usable without scripts."""

from durable_agents import connect

import re

import httpx2
import pytest

from goal_agent.goals import GOALS
from goal_agent.models import ConversationHistory, ConversationStatus, Message
from goal_agent.web.gateway import WorkflowGateway
from tests.goal_agent.web import FixedGateway, Service
from tests.harness.services import listening

NASTY = "<script>alert(1)</script>\n\ndata: x\r\nevent: end\rid: 1\u2028\n'\"&"
HISTORY = ConversationHistory(
    goal=next(iter(GOALS)),
    summary="<b>bold</b>",
    messages=[Message(actor="user", text=NASTY), Message(actor="tool", text=NASTY)],
    tool_data=None,
    activity=ConversationStatus.IDLE,
    queued=1,
)


async def test_messages_are_html_escaped() -> None:
    gateway = FixedGateway(HISTORY)
    service = Service(gateway)
    page = await service.get("/conversations/1")
    async with (
        listening(service.app) as address,
        httpx2.AsyncClient(timeout=20) as http,
        http.stream("GET", f"{address}/conversations/1/events") as response,
    ):
        lines = response.aiter_lines()
        first = [await anext(lines) for _ in range(8)]
        gateway.now = HISTORY.model_copy(
            update={"activity": ConversationStatus.ENDED}
        )  # the log is the same
        rest = [line async for line in lines]
    for html in (page.text, "\n".join(first + rest)):
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert "<b>" not in html
    events = [line for line in first + rest if line.startswith("event:")]
    assert events == ["event: log", "event: end"], "a message must not look like an event"
    assert not any(line.startswith("id:") for line in first + rest)


async def test_pages_load_everything_from_the_service() -> None:
    service = Service(FixedGateway(HISTORY))
    for path in ("/", "/conversations/1", "/conversations"):
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
        ("/conversations", {"goal": "g", "prompt": "a b"}, "/conversations/new"),
        ("/conversations/7/prompts", {"text": "a b"}, "/conversations/7"),
    ],
)
async def test_forms_work_without_scripts(path: str, form: dict[str, str], to: str) -> None:
    gateway = FixedGateway(HISTORY)
    answer = await Service(gateway).http.post(path, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, to)
    assert gateway.prompts == ["a b"]


@pytest.mark.parametrize(("header", "whole"), [({}, True), ({"hx-request": "true"}, False)])
async def test_invalid_prompt_is_answered_with_a_notice(
    header: dict[str, str], whole: bool
) -> None:
    path = "/conversations/7/prompts"
    answer = await Service(FixedGateway(HISTORY)).http.post(
        path, data={"text": " "}, headers=header
    )
    assert answer.status_code == 422
    assert ("<html" in answer.text) is whole


async def test_unknown_conversation_has_an_error_page() -> None:
    service = Service(WorkflowGateway(await connect()))
    answer = await service.get("/conversations/worker")
    assert answer.status_code == 404
    assert "There is no such conversation" in answer.text
