"""Helpers: the service on a socket, and a tab that reads its event stream as the page does."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from temporalio.client import Client

from streaming.reader import Handle
from streaming.web.app import create_app
from streaming.web.gateway import ChatGateway
from tests.harness.services import listening


class Service:
    """A client of a running service."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def send(self, chat: Handle, text: str, key: str = "key") -> httpx2.Response:
        headers = {"idempotency-key": key}
        return await self.http.post(
            f"/chats/{chat.id}/messages", json={"text": text}, headers=headers
        )


@asynccontextmanager
async def service(client: Client, **gateway_options: Any) -> AsyncIterator[Service]:
    """Run the service on a free port; it stops before its client, as on Ctrl-C."""
    app = create_app(ChatGateway(client, **gateway_options))
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(timeout=30, limits=limits) as http, listening(app) as address:
        http.base_url = httpx2.URL(address)
        yield Service(http)


@dataclass
class Tab:
    """A tab: applies the events of the stream by the rules of page.js.

    Attributes:
        turns: Per turn: the question, and the text that is shown.
        lost: Struck-through text.
        id: The offset at which it resumes.
        received: The names of all events, in order.
    """

    http: httpx2.AsyncClient
    chat: Handle
    turns: dict[int, list[str]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    id: str | None = None
    received: list[str] = field(default_factory=list)
    status: dict[str, bool] = field(default_factory=dict)
    _attempts: dict[str, int] = field(default_factory=dict)

    @property
    def shown(self) -> list[list[str]]:
        return list(self.turns.values())

    async def read(self, until: Callable[["Tab"], bool] = lambda tab: False) -> None:
        """Read the stream until a condition is met, or until the stream ends."""
        headers = {"last-event-id": self.id} if self.id else {}
        path = f"/chats/{self.chat.id}/events"
        async with self.http.stream("GET", path, headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            event: dict[str, str] = {}
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if line:
                    event[name] = value
                    continue
                if "event" in event:
                    self._apply(event["event"], json.loads(event.get("data", "{}")))
                    self.id = event.get("id", self.id)
                    if until(self):
                        return
                event = {}

    def _apply(self, name: str, data: dict[str, Any]) -> None:
        self.received.append(name)
        match name:
            case "snapshot":
                turns = data["turns"]
                self.turns = {turn["number"]: [turn["question"], turn["answer"]] for turn in turns}
            case "question":
                assert data["turn"] not in self.turns, "shown twice"
                self.turns[data["turn"]] = [data["text"], ""]
            case "text":
                self._add_text(**data)
            case "answer" | "failure":
                self.turns[data["turn"]][1] = data["text"]
            case "status":
                self.status = data

    def _add_text(self, turn: int, call: str, attempt: int, text: str, **_: object) -> None:
        if self._attempts.get(call, attempt) < attempt:
            self.lost.append(self.turns[turn][1])
            self.turns[turn][1] = ""
        self._attempts[call] = attempt
        self.turns[turn][1] += text


def shows(*texts: str) -> Callable[[Tab], bool]:
    """Return the condition that a tab shows these texts as its latest turns' answers."""
    return lambda tab: [turn[1] for turn in tab.shown][-len(texts) :] == list(texts)
