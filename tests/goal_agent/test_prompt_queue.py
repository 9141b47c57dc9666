"""Prompts that arrive at once are either accepted and answered, or rejected."""

import asyncio
from collections import Counter

import pytest

from goal_agent.activities import settings
from goal_agent.limits import MAX_QUEUED
from goal_agent.models import ConversationHistory, ConversationStatus
from goal_agent.run_worker import build_worker
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.web import KeywordModel, Service, serving_api

send = AgentGoalWorkflow.send_prompt


def prompts(history: ConversationHistory) -> list[str]:
    return [message.text for message in history.messages if message.actor == "user"]


async def post(service: Service, path: str, count: int) -> dict[int, list[str]]:
    """Post prompts at once; return them by the status of their response."""
    texts = [f"prompt {number}" for number in range(count)]
    posts = (service.post(f"{path}/prompts", {"text": text}) for text in texts)
    statuses = [response.status_code for response in await asyncio.gather(*posts)]
    return {
        status: [text for text, got in zip(texts, statuses, strict=True) if got == status]
        for status in set(statuses)
    }


@pytest.mark.parametrize("count", [pytest.param(60, marks=pytest.mark.exhaustive), 100])
async def test_accepted_prompts_are_answered_when_many_are_posted_at_once(count: int) -> None:
    model = KeywordModel()
    async with serving_api(build_worker, model) as service:
        path = await service.start("hold on")
        await service.wait_for(path, lambda now: now.queued == 0 and len(now.messages) > 1)
        posted = await post(service, path, count)
        assert {status: len(texts) for status, texts in posted.items()} == {
            202: MAX_QUEUED,
            429: count - MAX_QUEUED,
        }
        model.free.set()
        now = await service.wait_for(path, lambda now: now.answered == 1 + MAX_QUEUED)
    assert Counter(prompts(now)) == Counter(["hold on", *posted[202]])
    assert sum(message.text == "Noted." for message in now.messages) == 1 + MAX_QUEUED


@pytest.mark.exhaustive
async def test_accepted_prompts_are_answered_across_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "MAX_MESSAGES", 4)
    async with serving_api(build_worker, KeywordModel()) as service:
        path = await service.start()
        await service.wait_for(path, lambda now: now.activity is ConversationStatus.IDLE)
        posted = await post(service, path, 100)
        assert set(posted) <= {202, 429}
        accepted = posted[202]
        await service.wait_for(path, lambda now: now.answered >= len(accepted))
        await service.post(f"{path}/end")
        now = await service.wait_for(path, lambda now: now.activity is ConversationStatus.ENDED)
    assert now.answered == len(accepted) > 0
    assert now.earlier > 0, "it was never continued as new"
    last = prompts(now)
    assert len(set(last)) == len(last)
    assert set(last) <= set(accepted)


async def test_unanswered_prompts_are_reported_or_rejected_at_the_end() -> None:
    async with serving_api(build_worker, KeywordModel()) as service:
        path = await service.start("hold on")
        await service.wait_for(path, lambda now: now.queued == 0 and len(now.messages) > 1)
        posting = asyncio.create_task(post(service, path, 30))
        await service.wait_for(path, lambda now: now.queued > 3)
        assert (await service.post(f"{path}/end")).status_code == 202
        posted = await posting
        now = await service.wait_for(path, lambda now: now.activity is ConversationStatus.ENDED)
    assert set(posted) <= {202, 409, 429}
    assert Counter(prompts(now)) == Counter(["hold on", *posted[202]])
    assert now.answered == 1 + len(posted[202])
    errors = Counter(message.error for message in now.messages)
    assert errors["ConversationEnded"] == now.answered, "each one is reported as unanswered"


async def test_prompt_with_the_same_key_is_queued_once() -> None:
    async with serving_api(build_worker, KeywordModel()) as service:
        path = await service.start()
        headers = {"idempotency-key": "mine"}
        answers = [
            await service.post(f"{path}/prompts", {"text": "Hello"}, headers=headers)
            for _ in range(2)
        ]
        now = await service.wait_for(path, lambda now: now.answered == 1)
        await service.post(f"{path}/end")
        await service.wait_for(path, lambda now: now.activity is ConversationStatus.ENDED)
        late = await service.post(f"{path}/prompts", {"text": "Hello"}, headers=headers)
    assert [(answer.status_code, answer.json()["number"]) for answer in [*answers, late]] == [
        (202, 1)
    ] * 3
    assert prompts(now) == ["Hello"]
