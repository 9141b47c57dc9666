"""Allowed hosts, writes from other sites, unknown chats, and security headers."""

from durable_agents import connect
from durable_agents.web import Protected

import httpx2
import pytest

from streaming import TASK_QUEUE
from streaming.web.app import MAX_BODY, create_app
from streaming.web.gateway import ChatGateway

CHAT = f"/chats/chat-{'0' * 32}"


async def http_for() -> httpx2.AsyncClient:
    app = Protected(create_app(ChatGateway(await connect())))
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://localhost")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.2"])
@pytest.mark.parametrize("path", ["/", CHAT, "/static/page.js"])
async def test_unknown_host_name_is_rejected(host: str, path: str) -> None:
    answer = await (await http_for()).get(path, headers={"host": host})
    assert (answer.status_code, answer.text) == (400, "Invalid host header")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 404),
        ({"origin": "http://localhost"}, 404),
        ({"origin": "https://localhost", "sec-fetch-site": "same-origin"}, 404),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:3000"}, 403),
        ({"origin": "http://localhost", "sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
async def test_write_of_another_site_is_rejected(headers: dict[str, str], status: int) -> None:
    http = await http_for()
    answer = await http.post(f"{CHAT}/end", headers=headers)
    assert answer.status_code == status
    if status == 403:
        started = await http.post("/chats", headers=headers)
        assert started.status_code == 403


async def test_only_chats_are_served() -> None:
    client, http = await connect(), await http_for()
    id = CHAT.rpartition("/")[2]
    await client.start_workflow("OtherWorkflow", id=id, task_queue=f"not-{TASK_QUEUE}")
    for path in (CHAT, "/chats/other"):
        for _ in range(2):
            page = await http.get(path)
            assert (page.status_code, "There is no such chat." in page.text) == (404, True)
        answer = await http.get(f"{path}/events")
        assert (answer.status_code, answer.json()["detail"]["error"]) == (404, "UnknownChat")
    await client.get_workflow_handle(id).terminate()


@pytest.mark.parametrize(
    ("body", "key", "status"),
    [
        ('{"text": "a"}', "", 422),
        ('{"text": "a"}', "k" * 101, 422),
        ('{"text": " "}', "key", 422),
        ('{"text": "a", "more": 1}', "key", 422),
        ('{"text": "%s"}' % ("x" * MAX_BODY), "key", 413),
        ('{"text": "%s"}' % ("\\ud83d\\ude00" * 4000), "key", 404),
    ],
)
async def test_invalid_message_is_rejected(body: str, key: str, status: int) -> None:
    headers = {"content-type": "application/json"} | ({"idempotency-key": key} if key else {})
    answer = await (await http_for()).post(f"{CHAT}1/messages", content=body, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "path", ["/", CHAT, "/nothing", "/chats", "/static/style.css", "/static/nothing", "/docs"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD"])
async def test_every_response_has_security_headers(path: str, method: str) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    answer = await (await http_for()).request(method, path, headers=headers)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert (answer.headers.get("cache-control") == "no-store") != path.startswith("/static/")
