"""Malformed model outputs fail their turn; the conversation continues."""

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from agents import Agent, Runner, RunResult, TResponseInputItem
from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message
from openai.types.responses import ResponseOutputItem, ResponseOutputMessage, ResponseOutputText

from goal_agent.models import ConversationStatus
from goal_agent.run_worker import build_worker
from goal_agent.workflows.goal import AgentGoalWorkflow
from tests.goal_agent.conversations import (
    end,
    follow_prompt,
    history,
    obedient_model,
    start,
    step,
    texts,
    wait_until_settled,
)
from tests.harness.workers import serving

DEEP = "[" * 100_000


def message(**wrong: Any) -> ResponseOutputMessage:
    """Return a message without validation of its fields."""
    fields: dict[str, Any] = {
        "id": "m",
        "role": "assistant",
        "status": "completed",
        "type": "message",
        **wrong,
    }
    return ResponseOutputMessage.model_construct(None, **fields)


def text(value: Any) -> ResponseOutputMessage:
    part = ResponseOutputText.model_construct(
        None, annotations=[], text=value, type="output_text", logprobs=[]
    )
    return message(content=[part])


ANSWERS: dict[str, Callable[[], ResponseOutputItem]] = {
    "no content": lambda: message(content=None),
    "a number as text": lambda: text(7),
    "an unknown item": lambda: message(type="surprise", content=[]),
    "half a surrogate pair": lambda: text(step("question", "Tokyo") + "\ud83d"),
    "half an escaped surrogate pair": lambda: text(step("question", "x").replace("x", "\\ud83d")),
    "deep JSON": lambda: text(DEEP),
    "deep JSON in an argument": lambda: text(step("confirm", "", "find_events", {"city": DEEP})),
    "a huge number": lambda: text('{"valid": 1' + "0" * 10_000 + ', "reason": ""}'),
    "an argument that is no text": lambda: text(step("confirm", "", "find_events", {"city": 1})),
    "many arguments": lambda: text(
        step("confirm", "", "find_events", {f"{n}" * 50: "x" for n in range(5_000)})
    ),
    "NUL in an argument": lambda: text(step("confirm", "", "find_events", {"city": "\0"})),
}


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.parametrize("agent", ["belongs to a conversation", "You plan the next step"])
async def test_next_prompt_is_answered_after_a_hostile_answer(kind: str, agent: str) -> None:
    def respond(call: ModelCall) -> list[ResponseOutputItem]:
        hostile = agent in (call.system_instructions or "") and "hostile" in json.dumps(
            [item["content"] for item in call.input if item["role"] == "user"][-1]
        )
        return [ANSWERS[kind]() if hostile else assistant_message(follow_prompt(call))]

    model = ScriptedModel([ModelStep.respond(respond)] * 20)
    async with serving(build_worker, model) as client:
        handle = await start(client, "hostile")
        failed = await wait_until_settled(handle, 1)
        await handle.execute_update(AgentGoalWorkflow.send_prompt, "hello")
        now = await wait_until_settled(handle, 2)
        assert now == await history(handle)
        result = await end(handle)
    assert failed.messages[-1].error, "no message reports the failed turn"
    assert texts(now.messages)[-1] == ("agent", "Re: hello")
    assert result.activity is ConversationStatus.ENDED


@pytest.mark.parametrize("error", [RecursionError, UnicodeError, TypeError, AttributeError])
async def test_next_prompt_is_answered_after_the_sdk_raised(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Runner.run

    async def raising(agent: Agent[None], seen: list[dict[str, str]]) -> RunResult:
        if seen[-1]["content"] == "hostile":
            raise error("while it reads an output")
        return await run(agent, cast("list[TResponseInputItem]", seen))

    monkeypatch.setattr(Runner, "run", raising)
    async with serving(build_worker, obedient_model()) as client:
        handle = await start(client, "hostile", "hello")
        now = await wait_until_settled(handle, 2)
        await end(handle)
    assert [one.error for one in now.messages if one.error] == ["ModelBehaviorError"]
    assert texts(now.messages)[-1] == ("agent", "Re: hello")
