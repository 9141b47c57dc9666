"""Web services: allowed hosts, pages of other sites, response headers, and the address."""

from durable_agents.errors import SettingsError
from durable_agents.web import LOCAL_HOSTS, Protected, allowed_hosts, serve_app

import asyncio
import signal
import socket

import httpx2
import pytest
from sse_starlette.sse import AppStatus
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

EVIL = "evil.example"


async def respond(request: Request) -> Response:
    if request.path_params["name"] == "bug":
        raise ZeroDivisionError
    own = request.path_params["name"] == "own"
    return PlainTextResponse("served", headers={"Content-Security-Policy": "own"} if own else {})


def http_for(*hosts: str) -> httpx2.AsyncClient:
    route = Route("/{name:path}", respond, methods=["GET", "POST", "PUT", "DELETE"])
    app = Protected(Starlette(routes=[route]), hosts or LOCAL_HOSTS)
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000")


@pytest.mark.parametrize("host", [EVIL, f"{EVIL}:8000", "localhost.evil.example", "", "127.0.0.2"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_unknown_host_name_is_rejected(host: str, method: str) -> None:
    headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
    answer = await http_for().request(method, "/", headers=headers)
    assert (answer.status_code, answer.text) == (400, "Invalid host header")


async def test_local_host_names_are_allowed_on_any_port() -> None:
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000"):
        assert (await http_for().get("/", headers={"host": host})).text == "served"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": f"https://{EVIL}", "sec-fetch-site": "cross-site"},
        {"origin": "http://localhost:3000", "sec-fetch-site": "same-site"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://[::1"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
async def test_change_from_another_site_is_rejected(method: str, headers: dict[str, str]) -> None:
    answer = await http_for().request(method, "/", headers=headers)
    assert (answer.status_code, "another site" in answer.text) == (403, True)
    assert (await http_for().get("/", headers=headers)).text == "served"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost:8000"},
        {"origin": "https://localhost:8000", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ],
)
async def test_change_from_a_program_or_the_own_page_is_accepted(headers: dict[str, str]) -> None:
    assert (await http_for().post("/", headers=headers)).text == "served"


async def test_every_response_has_security_headers_and_only_static_files_are_cached() -> None:
    evil, foreign = {"host": EVIL}, {"sec-fetch-site": "cross-site"}
    for path, sent in (("/", {}), ("/bug", {}), ("/", evil), ("/", foreign), ("/static/a", {})):
        answer = await http_for().post(path, headers=sent)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        cached = None if path.startswith("/static/") else "no-store"
        assert answer.headers.get("cache-control") == cached
    assert (await http_for().get("/own")).headers["content-security-policy"] == "own"


def test_allowed_hosts_come_from_the_environment_and_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert {*allowed_hosts("10.0.0.7")} == {*LOCAL_HOSTS, "10.0.0.7"}
    monkeypatch.setenv("ALLOWED_HOSTS", " agent.example.com, *.example.org,10.0.0.7,fe80::1, ")
    named = {"agent.example.com", "*.example.org", "10.0.0.7", "[fe80::1]"}
    assert {*allowed_hosts("::")} == {*LOCAL_HOSTS, *named}
    for wrong in ("https://a.example", "a.example:80", "a*b", "a b"):
        monkeypatch.setenv("ALLOWED_HOSTS", wrong)
        with pytest.raises(SettingsError, match="is not a host name"):
            allowed_hosts("127.0.0.1")


async def test_app_is_served_on_its_printed_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Set by the signal, and never reset: event streams of this process would end at once.
    monkeypatch.setattr(AppStatus, "should_exit", False)

    async def is_stopping(request: Request) -> Response:
        return JSONResponse(request.app.state.is_stopping())

    app = Starlette(routes=[Route("/", is_stopping)])
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # uvicorn raises it again at the end
    serving = asyncio.create_task(serve_app(app, "::1", 0))
    while not (printed := capsys.readouterr().out):
        assert not (await asyncio.wait({serving}, timeout=0.05))[0]
    async with httpx2.AsyncClient() as http:
        answer = await http.get(printed.split()[-1])
    signal.raise_signal(signal.SIGTERM)
    await serving
    signal.signal(signal.SIGTERM, before)
    assert printed.startswith("Serving on http://[::1]:")
    assert (answer.json(), answer.headers["cache-control"]) == (False, "no-store")


async def test_port_in_use_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f":{port} cannot be used"):
            await serve_app(Starlette(), "127.0.0.1", port)


async def test_pages_of_listed_origins_are_allowed() -> None:
    route = Route("/{name:path}", respond, methods=["POST"])
    app = Protected(Starlette(routes=[route]), origins=["https://ui.example"])
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://localhost:8000"
    ) as http:
        for origin, status in (("https://ui.example", 200), (f"https://{EVIL}", 403)):
            headers = {"origin": origin, "sec-fetch-site": "cross-site"}
            assert (await http.post("/", headers=headers)).status_code == status
