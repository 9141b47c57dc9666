"""Errors of the service hide their causes, and every error status is documented."""

from durable_agents import connect

import pytest

from goal_agent.web.gateway import WorkflowGateway
from tests.goal_agent.web import Service


async def service() -> Service:
    return Service(WorkflowGateway(await connect()))


async def test_internal_error_hides_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    async def buggy(*args: object) -> None:
        raise ZeroDivisionError("sk-secret")

    monkeypatch.setattr(WorkflowGateway, "history", buggy)
    answer = await (await service()).get("/api/conversations/1")
    assert (answer.status_code, answer.json()["error"]) == (500, "InternalError")
    assert "sk-secret" not in answer.text


@pytest.mark.parametrize("text", ["\\ud83d", "\\u0001" * 2000, "\\ud83d\\ude00" * 2001])
async def test_invalid_text_is_rejected(text: str) -> None:
    answer = await (await service()).http.post(
        "/api/conversations",
        content=f'{{"goal": "book_trip", "prompt": "{text}"}}',
        headers={"content-type": "application/json"},
    )
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidInput"), answer.text


@pytest.mark.parametrize("path", ["/conversations", "/api/conversations"])
async def test_page_of_another_site_cannot_start_a_conversation(path: str) -> None:
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = await (await service()).http.post(path, data={"goal": "book_trip"}, headers=headers)
    assert answer.status_code == 403


async def test_every_error_status_is_documented() -> None:
    paths = (await (await service()).get("/openapi.json")).json()["paths"]
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
