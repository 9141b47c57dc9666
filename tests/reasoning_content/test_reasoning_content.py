"""Reasoning next to the answer: over both APIs, and from models that show none."""

import httpx2
import pytest
from agents.testing import ScriptedModel, assistant_message
from openai import BadRequestError
from openai.types.responses import ResponseReasoningItem
from openai.types.responses.response_reasoning_item import Content, Summary

from offline_model.server import OfflineModel
from reasoning_content.providers import open_provider
from reasoning_content.run_reasoning_content_workflow import main
from reasoning_content.run_worker import build_worker
from tests.harness.workers import failure_of, serving


def refusal(message: str) -> BadRequestError:
    """Return what the API answers with status 400."""
    response = httpx2.Response(400, request=httpx2.Request("POST", "https://api.example"))
    return BadRequestError(message, response=response, body=None)


def thought(*summary: str, content: str | None = None) -> ResponseReasoningItem:
    return ResponseReasoningItem(
        id="rs_1",
        type="reasoning",
        summary=[Summary(text=text, type="summary_text") for text in summary],
        content=[Content(text=content, type="reasoning_text")] if content else None,
    )


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        (thought("First this.", "Then that."), "First this.\n\nThen that."),
        (thought(content="All of it."), "All of it."),
    ],
)
async def test_prints_reasoning_and_answer(
    item: ResponseReasoningItem, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ScriptedModel([[item, assistant_message("0.05.")]])
    async with serving(build_worker, model):
        await main("The ball?")
    assert capsys.readouterr().out == f"Reasoning: {shown}\nAnswer: 0.05.\n"
    model.assert_complete()
    asked = model.calls[0].model_settings.reasoning
    assert asked is not None
    assert asked.summary == "auto"


async def test_a_model_without_reasoning_just_answers(capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel([[assistant_message("0.05.")]])
    async with serving(build_worker, model):
        await main("The ball?")
    assert capsys.readouterr().out == "Reasoning: (this model shows none)\nAnswer: 0.05.\n"


async def test_a_model_that_refuses_reasoning_is_asked_without(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused = refusal("Unsupported parameter: 'reasoning.effort' is not supported with this model.")
    model = ScriptedModel([refused, [assistant_message("0.05.")]])
    async with serving(build_worker, model):
        await main("The ball?")
    assert capsys.readouterr().out == "Reasoning: (this model shows none)\nAnswer: 0.05.\n"
    assert model.calls[1].model_settings.reasoning is None


async def test_another_refusal_fails() -> None:
    async with serving(build_worker, ScriptedModel([refusal("No such model.")])):
        error = await failure_of(main("The ball?"))
    assert (error.type, error.message) == ("BadRequestError", "No such model.")


@pytest.mark.parametrize(
    ("model", "path", "thinks"),
    [
        (None, "/v1/responses", True),
        ("chat/deepseek-reasoner", "/v1/chat/completions", True),
        ("chat/plain", "/v1/chat/completions", False),
    ],
)
async def test_both_apis_are_read_alike(
    model: str | None,
    path: str,
    thinks: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with OfflineModel() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "offline")
        async with (
            open_provider() as provider,
            serving(build_worker, ScriptedModel(), model_provider=provider),
        ):
            await main(model=model)
    reasoning, answer = capsys.readouterr().out.rsplit("\n", 2)[:2]
    assert ("2x = 0.10" in reasoning) is thinks
    assert answer == "Answer: The ball costs 0.05."
    assert {call.path for call in server.calls} == {path}


async def test_an_empty_prompt_fails() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
    assert "prompt is empty" in error.message
