"""Reasoning over both APIs, and models that expose or support none."""

import pytest
from agents.testing import ScriptedModel, assistant_message
from openai.types.responses import ResponseReasoningItem
from openai.types.responses.response_reasoning_item import Content, Summary

from offline_model.server import OfflineModel
from reasoning_content.providers import open_provider
from reasoning_content.run_reasoning_content_workflow import main
from reasoning_content.run_worker import build_worker
from tests.harness.workers import bad_request, failure_of, serving


def reasoning_item(*summary: str, content: str | None = None) -> ResponseReasoningItem:
    return ResponseReasoningItem(
        id="rs_1",
        type="reasoning",
        summary=[Summary(text=text, type="summary_text") for text in summary],
        content=[Content(text=content, type="reasoning_text")] if content else None,
    )


@pytest.mark.parametrize(
    ("item", "printed"),
    [
        (reasoning_item("First this.", "Then that."), "First this.\n\nThen that."),
        (reasoning_item(content="All of it."), "All of it."),
    ],
)
async def test_starter_prints_reasoning_and_answer(
    item: ResponseReasoningItem, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ScriptedModel([[item, assistant_message("0.05.")]])
    async with serving(build_worker, model):
        await main("The ball?")
    assert capsys.readouterr().out == f"Reasoning: {printed}\nAnswer: 0.05.\n"
    model.assert_complete()
    settings = model.calls[0].model_settings.reasoning
    assert settings is not None
    assert settings.summary == "auto"


async def test_model_without_reasoning_returns_only_an_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([[assistant_message("0.05.")]])
    async with serving(build_worker, model):
        await main("The ball?")
    assert capsys.readouterr().out == "Reasoning: (none)\nAnswer: 0.05.\n"


async def test_call_without_reasoning_follows_a_rejection(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rejected = bad_request(
        "Unsupported parameter: 'reasoning.effort' is not supported with this model."
    )
    model = ScriptedModel([rejected, [assistant_message("0.05.")]])
    async with serving(build_worker, model):
        await main("The ball?")
    assert capsys.readouterr().out == "Reasoning: (none)\nAnswer: 0.05.\n"
    assert model.calls[1].model_settings.reasoning is None


async def test_other_rejection_fails() -> None:
    async with serving(build_worker, ScriptedModel([bad_request("No such model.")])):
        error = await failure_of(main("The ball?"))
    assert (error.type, error.message) == ("BadRequestError", "No such model.")


@pytest.mark.parametrize(
    ("model", "path", "has_reasoning"),
    [
        (None, "/v1/responses", True),
        ("chat/deepseek-reasoner", "/v1/chat/completions", True),
        ("chat/plain", "/v1/chat/completions", False),
    ],
)
async def test_both_apis_return_reasoning(
    model: str | None,
    path: str,
    has_reasoning: bool,
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
    assert ("2x = 0.10" in reasoning) is has_reasoning
    assert answer == "Answer: The ball costs 0.05."
    assert {call.path for call in server.calls} == {path}


async def test_empty_prompt_fails() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
    assert "prompt is empty" in error.message
