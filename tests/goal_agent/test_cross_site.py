"""Which pages may use the service from a browser, and which errors the API documents."""

from durable_agents import connect

import pytest

from goal_agent.web.gateway import WorkflowGateway
from tests.goal_agent.web import Service

FRIEND = "https://friend.example"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def service_for(*origins: str) -> Service:
    return Service(WorkflowGateway(await connect()), origins=origins)


@pytest.mark.parametrize("path", ["/conversations", "/api/conversations"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.localhost", "sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
async def test_cross_site_request_is_rejected(path: str, headers: dict[str, str]) -> None:
    service = await service_for(FRIEND)
    answer = await service.http.post(path, content="goal=none", headers=FORM | headers)
    assert answer.status_code == 403
    assert "another site" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost"},
        {"origin": "https://localhost", "sec-fetch-site": "same-origin"},
        {"origin": FRIEND, "sec-fetch-site": "cross-site"},
    ],
)
async def test_programs_own_page_and_allowed_origins_are_accepted(
    headers: dict[str, str],
) -> None:
    service = await service_for(FRIEND)
    answer = await service.post("/api/conversations", {"goal": "none"}, headers=headers)
    assert answer.json()["error"] == "UnknownGoal"


@pytest.mark.parametrize(("origins", "allowed"), [((), None), ((FRIEND,), FRIEND)])
async def test_cors_allows_named_origins_only(
    origins: tuple[str, ...], allowed: str | None
) -> None:
    service = await service_for(*origins)
    answer = await service.get("/api/goals", headers={"origin": FRIEND})
    assert answer.headers.get("access-control-allow-origin") == allowed
    preflight = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    refused = await service.http.options("/api/conversations", headers=preflight)
    assert "access-control-allow-origin" not in refused.headers


async def test_every_error_status_is_documented() -> None:
    service = await service_for()
    paths = (await service.get("/openapi.json")).json()["paths"]
    documented = {
        f"{method} {path}": set(about["responses"])
        for path, methods in paths.items()
        for method, about in methods.items()
    }
    conversation = "/api/conversations/{conversation_id}"
    assert documented.pop("get /api/goals") >= {"200"}
    assert documented.pop("post /api/conversations") >= {"201", "403", "404", "413", "422", "503"}
    for path in (conversation, f"{conversation}/tool-data"):
        assert documented.pop(f"get {path}") >= {"200", "404", "503"}
    assert "429" in documented[f"post {conversation}/prompts"]
    for path in ("prompts", "end", "steps/{step_id}/{decision}"):
        statuses = documented.pop(f"post {conversation}/{path}")
        assert statuses >= {"403", "404", "409", "413", "422", "503"}
    assert not documented
