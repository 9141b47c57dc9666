"""Conversation state at the provider, and the fallback when a response has expired."""

import pytest
from agents.testing import ModelStep, ScriptedModel, assistant_message
from openai import BadRequestError
from openai.types.responses import ResponseReasoningItem

from basic.run_previous_response_id_workflow import main
from basic.run_worker import build_worker
from tests.harness.workers import bad_request, failure_of, input_texts, serving


def rejected(code: str) -> BadRequestError:
    body = {"message": "Refused.", "code": code}
    return bad_request(f"Error code: 400 - {body}", body)


async def test_second_call_sends_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel(
        [
            ModelStep(output=[assistant_message("Brazil.")], response_id="resp-first"),
            [assistant_message("Brasília.")],
        ]
    )
    async with serving(build_worker, model):
        await main("What is the largest country in South America?", "Its capital?")
    assert capsys.readouterr().out == "Brazil.\nBrasília.\n"
    first, second = model.calls
    assert first.previous_response_id is None
    assert second.previous_response_id == "resp-first"
    assert input_texts(second) == ["Its capital?"]


async def test_expired_id_falls_back_to_the_full_conversation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reasoning = ResponseReasoningItem(id="rs_1", type="reasoning", summary=[])
    model = ScriptedModel(
        [
            [reasoning, assistant_message("Brazil.")],
            rejected("previous_response_not_found"),
            [assistant_message("Brasília.")],
        ]
    )
    async with serving(build_worker, model):
        await main("What is the largest country in South America?", "Its capital?")
    assert capsys.readouterr().out == "Brazil.\nBrasília.\n"
    fallback = model.calls[2]
    assert fallback.previous_response_id is None
    assert input_texts(fallback) == [
        "What is the largest country in South America?",
        "Brazil.",
        "Its capital?",
    ]
    assert not any("id" in item for item in fallback.input)  # the items have expired, too


async def test_other_rejection_fails_the_workflow() -> None:
    model = ScriptedModel([[assistant_message("Brazil.")], rejected("content_policy_violation")])
    async with serving(build_worker, model):
        error = await failure_of(main("What is the largest country?", "Its capital?"))
    assert error.type == "BadRequestError"
    assert "content_policy_violation" in error.message
