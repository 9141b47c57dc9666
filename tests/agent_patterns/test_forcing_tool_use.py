"""The tool call is required; `tool_use_behavior` decides how its result is used."""

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call

from agent_patterns.run_forcing_tool_use_workflow import main
from agent_patterns.run_worker import build_worker
from tests.harness.workers import failure_of, input_texts, serving

ASK = function_call("quote_price", {"nights": 3}, call_id="1")


async def test_default_behavior_returns_the_result_to_the_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([[ASK], [assistant_message("Just 360 euros!")]])
    async with serving(build_worker, model):
        await main()
    assert capsys.readouterr().out == "Just 360 euros!\n"
    model.assert_complete()
    assert input_texts(model.calls[1])[-1] == "nights=3 euros=360"
    # Required for the first call only; otherwise the run would never finish.
    assert [call.model_settings.tool_choice for call in model.calls] == ["required", None]


@pytest.mark.parametrize(
    ("behavior", "answer"),
    [
        ("first_tool", "nights=3 euros=360"),
        ("custom", "3 nights are 360.00 EUR, breakfast included."),
    ],
)
async def test_other_behaviors_make_one_model_call(
    behavior: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ScriptedModel([[ASK]])
    async with serving(build_worker, model):
        await main(behavior)
    assert capsys.readouterr().out == f"{answer}\n"
    model.assert_complete()


async def test_custom_behavior_returns_a_failed_call_to_the_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = function_call("quote_price", {"nights": "three"}, call_id="0")
    model = ScriptedModel([[wrong], [ASK]])
    async with serving(build_worker, model):
        await main("custom")
    assert capsys.readouterr().out == "3 nights are 360.00 EUR, breakfast included.\n"
    assert "Invalid JSON input for tool quote_price" in input_texts(model.calls[1])[-1]
    model.assert_complete()


@pytest.mark.parametrize("behavior", ["", "last_tool"])
async def test_unknown_behavior_lists_the_known_ones(behavior: str) -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(behavior))
    assert (error.type, error.message) == (
        "InvalidInput",
        f"tool_use_behavior is {behavior!r}; choose one of default, first_tool, custom",
    )
