"""The API: a whole conversation, and every kind of rejected request."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from goal_agent.limits import MAX_PROMPT, MAX_QUEUED
from goal_agent.models import ConversationStatus, StepState
from goal_agent.run_worker import build_worker
from goal_agent.web.app import MAX_BODY
from tests.goal_agent.web import KeywordModel, Service, serving_api

MODEL = KeywordModel()
UNKNOWN = "/api/conversations/goal-" + "0" * 32


@pytest.fixture(scope="module")
async def service() -> AsyncIterator[Service]:
    async with serving_api(build_worker, MODEL) as service:
        yield service


async def test_api_runs_a_conversation_from_start_to_end(service: Service) -> None:
    [goal, *_] = (await service.get("/api/goals")).json()
    new = {"goal": goal["id"], "prompt": "find events"}
    started = await service.post("/api/conversations", new)
    path = started.headers["location"]
    assert path == f"/api/conversations/{started.json()['conversation_id']}"
    history = await service.wait_for(
        path, lambda now: now.activity is ConversationStatus.CONFIRMING
    )
    step = history.tool_data
    assert step
    assert (await service.get(f"{path}/tool-data")).json() == step.model_dump(mode="json")

    confirmed = await service.post(f"{path}/steps/{step.step_id}/confirm")
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, StepState.RUNNING)
    assert confirmed.json()["args"] == {"city": "Oslo", "month": step.args["month"]}
    again = await service.post(f"{path}/steps/{step.step_id}/confirm")
    assert (again.status_code, again.json()["error"]) == (409, "StepNotWaiting")
    history = await service.wait_for(path, lambda now: now.activity is ConversationStatus.IDLE)
    assert history.tool_data
    assert history.tool_data.state is StepState.DONE

    assert (await service.post(f"{path}/prompts", {"text": "find more"})).status_code == 202
    history = await service.wait_for(
        path, lambda now: now.activity is ConversationStatus.CONFIRMING
    )
    assert history.tool_data
    cancelled = await service.post(f"{path}/steps/{history.tool_data.step_id}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, StepState.CANCELLED)
    stale = await service.post(f"{path}/steps/{step.step_id}/cancel")
    assert stale.status_code == 409

    assert (await service.post(f"{path}/end")).status_code == 202
    await service.wait_for(path, lambda now: now.activity is ConversationStatus.ENDED)
    for what, body in [("prompts", {"text": "Hello?"}), ("end", None), ("steps/1/cancel", None)]:
        ended = await service.post(f"{path}/{what}", body)
        assert (ended.status_code, ended.json()["error"]) == (409, "ConversationEnded"), what


async def test_full_queue_rejects_prompts(service: Service) -> None:
    path = await service.start("hold on")
    await service.wait_for(path, lambda now: now.queued == 0 and len(now.messages) > 1)
    for _ in range(MAX_QUEUED):
        taken = await service.post(f"{path}/prompts", {"text": "and this"})
        assert taken.status_code == 202
    refused = await service.post(f"{path}/prompts", {"text": "one too many"})
    assert (refused.status_code, refused.json()["error"]) == (429, "TooManyPrompts")
    assert int(refused.headers["retry-after"]) > 0
    MODEL.free.set()
    history = await service.wait_for(path, lambda now: now.activity is ConversationStatus.IDLE)
    assert sum(message.actor == "user" for message in history.messages) == 1 + MAX_QUEUED


@pytest.mark.parametrize("path", [UNKNOWN, "/api/conversations/worker", "/api/conversations/%00"])
async def test_unknown_conversation_is_not_found(service: Service, path: str) -> None:
    answers = await asyncio.gather(
        service.get(path),
        service.get(f"{path}/tool-data"),
        service.post(f"{path}/prompts", {"text": "Hello"}),
        service.post(f"{path}/steps/1/confirm"),
        service.post(f"{path}/end"),
    )
    assert [answer.status_code for answer in answers] == [404] * 5
    assert {answer.json()["error"] for answer in answers} == {"UnknownConversation"}


async def test_unknown_goal_is_not_found_and_known_ones_are_named(service: Service) -> None:
    answer = await service.post("/api/conversations", {"goal": "world_peace"})
    assert (answer.status_code, answer.json()["error"]) == (404, "UnknownGoal")
    assert "book_trip" in answer.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"goal": "book_trip", "prompt": ""},
        {"goal": "book_trip", "prompt": " \n"},
        {"goal": "book_trip", "prompt": "x" * (MAX_PROMPT + 1)},
        {"goal": "book_trip", "id": "mine"},
    ],
)
async def test_invalid_body_is_rejected(service: Service, body: dict[str, str]) -> None:
    answer = await service.post("/api/conversations", body)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidInput")
    assert "body" in answer.json()["message"]


@pytest.mark.parametrize("declared", [True, False])
async def test_too_large_body_is_rejected(service: Service, declared: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * MAX_BODY

    content = b"x" * (MAX_BODY + 1) if declared else pieces()
    answer = await service.http.post("/api/conversations", content=content)
    assert answer.status_code == 413
