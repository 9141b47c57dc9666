"""Who may use the service from a browser, and what the API says about itself."""

from durable_agents import connect

import re

import pytest

from goal_agent.service.conversations import Conversations
from tests.goal_agent.service import Service

FRIEND = "https://friend.example"
FORM = {"content-type": "application/x-www-form-urlencoded"}


async def service_for(*origins: str) -> Service:
    return Service(Conversations(await connect()), origins=origins)


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
async def test_what_a_page_of_another_site_sends_is_refused(
    path: str, headers: dict[str, str]
) -> None:
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
async def test_programs_our_own_page_and_allowed_origins_are_let_in(
    headers: dict[str, str],
) -> None:
    service = await service_for(FRIEND)
    answer = await service.post("/api/conversations", {"goal": "none"}, headers=headers)
    assert answer.json()["error"] == "UnknownGoal"


@pytest.mark.parametrize(("origins", "allowed"), [((), None), ((FRIEND,), FRIEND)])
async def test_other_origins_may_read_answers_only_where_they_are_named(
    origins: tuple[str, ...], allowed: str | None
) -> None:
    service = await service_for(*origins)
    answer = await service.get("/api/goals", headers={"origin": FRIEND})
    assert answer.headers.get("access-control-allow-origin") == allowed
    preflight = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    refused = await service.http.options("/api/conversations", headers=preflight)
    assert "access-control-allow-origin" not in refused.headers


async def test_every_problem_that_can_be_met_is_documented() -> None:
    service = await service_for()
    paths = (await service.get("/openapi.json")).json()["paths"]
    told = {
        f"{method} {path}": set(about["responses"])
        for path, methods in paths.items()
        for method, about in methods.items()
    }
    conversation = "/api/conversations/{conversation_id}"
    assert told.pop("get /api/goals") >= {"200"}
    assert told.pop("post /api/conversations") >= {"201", "403", "404", "413", "422", "503"}
    for path in (conversation, f"{conversation}/tool-data"):
        assert told.pop(f"get {path}") >= {"200", "404", "503"}
    assert "429" in told[f"post {conversation}/prompts"]
    for path in ("prompts", "end", "steps/{step_id}/{decision}"):
        statuses = told.pop(f"post {conversation}/{path}")
        assert statuses >= {"403", "404", "409", "413", "422", "503"}
    assert not told


async def test_the_reference_shows_every_operation_and_loads_nothing_from_elsewhere() -> None:
    service = await service_for()
    paths = (await service.get("/openapi.json")).json()["paths"]
    page = (await service.get("/docs")).text
    assert all(f"<code>{path}</code>" in page for path in paths)
    assert not re.findall(r"""(?:src|href)=["'](?!/|#)""", page)
