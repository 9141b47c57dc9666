"""Server-sent events of the page: what a change sends, and shutdown with an open stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from goal_agent.goals import DEFAULT
from goal_agent.models import ConversationHistory, ConversationStatus, Message
from tests.goal_agent.web import FixedGateway, Service
from tests.harness.services import listening

FIRST, SECOND = Message(actor="user", text="first"), Message(actor="agent", text="second")
HISTORY = ConversationHistory(
    goal=DEFAULT,
    summary=None,
    messages=[FIRST],
    tool_data=None,
    activity=ConversationStatus.THINKING,
    queued=0,
)


@asynccontextmanager
async def events(gateway: FixedGateway) -> AsyncIterator[AsyncIterator[tuple[str, str]]]:
    """Open a page's stream; yield names and data of its events."""
    async with (
        listening(Service(gateway).app) as address,
        httpx2.AsyncClient(timeout=20) as http,
        http.stream("GET", f"{address}/conversations/1/events") as response,
    ):
        yield _parse(response.aiter_lines())


async def _parse(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, str]]:
    name, data = "", ""
    async for line in lines:
        field, _, value = line.partition(": ")
        name = value if field == "event" else name
        data += value if field == "data" else ""
        if not line and name:
            yield name, data
            name, data = "", ""


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        ({"messages": [FIRST, SECOND]}, [("messages", True)]),
        ({"queued": 1}, [("state", False)]),
        (
            {"messages": [FIRST, SECOND], "activity": ConversationStatus.IDLE},
            [("messages", True), ("state", False)],
        ),
        ({"messages": [SECOND], "earlier": 1, "summary": "Hi."}, [("log", True)]),
    ],
)
async def test_change_sends_new_messages_and_state_only(
    change: dict[str, object], sent: list[tuple[str, bool]]
) -> None:
    gateway = FixedGateway(HISTORY)
    async with events(gateway) as stream:
        name, log = await anext(stream)
        assert name == "log"
        assert "first" in log
        gateway.now = HISTORY.model_copy(update=change)
        for expected, has_message in sent:
            name, data = await anext(stream)
            assert name == expected
            assert ("second" in data, "first" in data) == (has_message, False)
        gateway.now = gateway.now.model_copy(update={"activity": ConversationStatus.ENDED})
        assert [name async for name, _ in stream if name != "state"] == ["end"]


async def test_open_stream_does_not_delay_shutdown() -> None:
    async with httpx2.AsyncClient(timeout=20) as http, asyncio.timeout(20):
        async with listening(Service(FixedGateway(HISTORY)).app) as address:
            response = await http.send(
                http.build_request("GET", f"{address}/conversations/1/events"), stream=True
            )
            assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line async for line in response.aiter_lines()]
    assert "event: log" in lines
    assert "event: end" not in lines, "the browser would not reconnect"
