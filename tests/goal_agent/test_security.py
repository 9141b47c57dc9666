"""Allowed hosts, and security headers on every response."""

from durable_agents import connect

import httpx2
import pytest
from fastapi.routing import APIRoute

from goal_agent.web import api, page
from goal_agent.web.app import MAX_BODY, create_app
from goal_agent.web.gateway import WorkflowGateway
from goal_agent.web.security import LOCAL_HOSTS, allowed_hosts
from tests.goal_agent.web import Service

EVIL = "evil.example"


async def http_for(*hosts: str) -> httpx2.AsyncClient:
    app = create_app(WorkflowGateway(await connect()), hosts=hosts or LOCAL_HOSTS)
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://localhost")


@pytest.mark.parametrize("host", [EVIL, f"{EVIL}:8000", "localhost.evil.example", "", "127.0.0.2"])
@pytest.mark.parametrize("path", ["/", "/api/goals", "/openapi.json", "/static/page.js"])
async def test_unknown_host_name_is_rejected(host: str, path: str) -> None:
    http = await http_for()
    headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
    for method in ("GET", "POST"):
        answer = await http.request(method, path, headers=headers)
        assert (answer.status_code, answer.text) == (400, "Invalid host header")
        assert_security_headers(answer)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000"])
async def test_local_host_names_are_allowed_on_any_port(host: str) -> None:
    http = await http_for()
    assert (await http.get("/api/goals", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    ("host", "origin", "let_in"),
    [
        ("localhost:8000", "http://127.0.0.1:8000", True),
        ("a.example.com", "http://b.example.com", True),
        ("localhost:8000", "http://localhost:3000", False),
        ("localhost:8000", "http://[::1", False),
        ("localhost:8000", "http://localhost:x", False),
        ("a.example.com", f"http://{EVIL}", False),
    ],
)
async def test_origin_must_be_an_allowed_host(host: str, origin: str, let_in: bool) -> None:
    http = await http_for(*LOCAL_HOSTS, "*.example.com")
    headers = {"host": host, "origin": origin}
    answer = await http.post("/api/conversations", json={"goal": "none"}, headers=headers)
    assert answer.status_code == (404 if let_in else 403)


def test_allowed_hosts_come_from_the_environment_and_the_address() -> None:
    hosts = allowed_hosts("::", " agent.example.com, *.example.org,10.0.0.7,fe80::1, ")
    assert set(hosts) - {*LOCAL_HOSTS} == {
        *("agent.example.com", "*.example.org", "10.0.0.7", "[fe80::1]")
    }
    assert set(allowed_hosts("0.0.0.0", "")) == {*LOCAL_HOSTS}
    assert "10.0.0.7" in allowed_hosts("10.0.0.7", "")
    for wrong in ("https://a.example", "a.example:80", "a*b", "a b"):
        with pytest.raises(ValueError, match="is not a host name"):
            allowed_hosts("127.0.0.1", wrong)


async def test_every_response_has_security_headers() -> None:
    http = await http_for()
    routers = (api.reading, api.writing, page.router)
    found = [one for router in routers for one in router.routes if isinstance(one, APIRoute)]
    assert len(found) > 10
    paths = {route.path.replace("{", "").replace("}", "") for route in found}
    for path in sorted(paths | {"/openapi.json", "/nothing", "/api/nothing", "/static/nothing"}):
        for method in ("GET", "POST", "PUT", "OPTIONS", "HEAD"):
            assert_security_headers(await http.request(method, path))
        assert_security_headers(await http.post(path, content=b"x" * (MAX_BODY + 1)))
    for name in ("page.js", "style.css", "icon.svg"):
        answer = await http.get(f"/static/{name}")
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "cache-control" not in answer.headers


async def test_internal_error_has_security_headers_and_hides_its_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def buggy(*args: object) -> None:
        raise ZeroDivisionError("sk-secret")

    monkeypatch.setattr(WorkflowGateway, "history", buggy)
    answer = await (await http_for()).get("/api/conversations/1")
    assert (answer.status_code, answer.json()["error"]) == (500, "InternalError")
    assert "sk-secret" not in answer.text
    assert_security_headers(answer)


@pytest.mark.parametrize("text", ["\\ud83d", "\\u0001" * 2000, "\\ud83d\\ude00" * 2001])
async def test_invalid_text_is_rejected(text: str) -> None:
    service = Service(WorkflowGateway(await connect()))
    answer = await service.http.post(
        "/api/conversations",
        content=f'{{"goal": "book_trip", "prompt": "{text}"}}',
        headers={"content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidInput"), answer.text


def assert_security_headers(answer: httpx2.Response) -> None:
    where = f"{answer.request.method} {answer.request.url} {answer.status_code}"
    assert answer.headers.get("x-content-type-options") == "nosniff", where
    assert "default-src 'self'" in answer.headers.get("content-security-policy", ""), where
    if not answer.request.url.path.startswith("/static/"):
        assert answer.headers.get("cache-control") == "no-store", where
