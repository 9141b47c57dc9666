"""Invalid requests: each has a status and one clear message, as problem details."""

from durable_agents import connect
from durable_agents.web import Protected

import json

import httpx2
import pytest

from conversations.web.app import MAX_BODY, create_app
from conversations.web.threads import Threads
from tests.conversations.threads import Service, problem


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "text is empty"),
        (" \n ", "text is empty"),
        ("x" * 4001, "text is 4,001 characters; the limit is 4,000"),
        ("\ud83d", "text is not valid Unicode: "),
        (None, "body.text: Input should be a valid string"),
    ],
)
async def test_invalid_text_is_422(text: str | None, detail: str) -> None:
    service = Service(await connect())
    response = await service.http.post(
        f"/threads/{service.thread}/messages",
        content=json.dumps({"text": text}),
        headers={"Idempotency-Key": "m1", "Content-Type": "application/json"},
    )
    assert problem(response)[:2] == (422, "InvalidInput")
    assert problem(response)[2].startswith(detail)


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({}, "The header Idempotency-Key is missing: "),
        ({"Idempotency-Key": ""}, "The header Idempotency-Key is missing: "),
        ({"Idempotency-Key": "k" * 101}, "Idempotency-Key is 101 characters; the limit is 100"),
    ],
)
async def test_missing_or_too_long_key_is_400(headers: dict[str, str], detail: str) -> None:
    service = Service(await connect())
    path = f"/threads/{service.thread}/messages"
    response = await service.http.post(path, json={"text": "One"}, headers=headers)
    assert problem(response)[:2] == (400, "InvalidKey")
    assert problem(response)[2].startswith(detail)


@pytest.mark.parametrize(
    "thread", ["a%2Fb", "a b", "%00", "..%2F..", "th%C3%A4d", "x" * 101, "\N{SNOWMAN}"]
)
async def test_thread_id_with_odd_characters_is_422_everywhere(thread: str) -> None:
    service = Service(await connect())
    service.thread = thread
    for response in (await service.post("One"), await service.get(), await service.stop()):
        assert problem(response)[:2] == (422, "InvalidInput"), response.url
        assert "1 to 100 ASCII letters, digits," in problem(response)[2]


async def test_unknown_thread_path_and_method_are_problems() -> None:
    service = Service(await connect())
    assert problem(await service.get()) == (404, "UnknownThread", "There is no such thread.")
    assert problem(await service.stop())[:2] == (404, "UnknownThread")
    assert problem(await service.http.get("/nothing"))[:2] == (404, "HTTPError")
    assert problem(await service.http.put(f"/threads/{service.thread}/turn"))[0] == 405


async def test_body_over_the_limit_is_413() -> None:
    service = Service(await connect())
    assert (await service.post("x" * MAX_BODY)).status_code == 413


async def test_served_app_rejects_other_hosts_and_other_sites() -> None:
    app = Protected(create_app(Threads(await connect())))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app)) as http:
        other = await http.get("http://evil.example/threads/a/messages")
        page = {"Origin": "http://evil.example"}
        cross = await http.delete("http://localhost/threads/a/turn", headers=page)
    assert (other.status_code, cross.status_code) == (400, 403)
    assert other.headers["x-content-type-options"] == "nosniff"
