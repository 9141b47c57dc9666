"""An activity tool and a function tool; the model receives the failures of both."""

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call
from temporalio.api.enums.v1 import EventType

from basic.run_tools_workflow import main
from basic.run_worker import build_worker
from sample_cli.catalog import find
from tests.harness.starters import start_all
from tests.harness.workers import failure_of, input_texts, serving


async def test_agent_uses_both_kinds_of_tools(capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel(
        [
            [
                function_call("get_weather", {"city": "Tokyo"}, call_id="1"),
                function_call("to_fahrenheit", {"celsius": 20}, call_id="2"),
            ],
            [assistant_message("Sunny with wind; 20 °C are 68 °F.")],
        ]
    )
    async with serving(build_worker, model):
        await main("What is the weather in Tokyo? How warm is 20 °C in Fahrenheit?")
    assert capsys.readouterr().out == "Sunny with wind; 20 °C are 68 °F.\n"
    model.assert_complete()
    assert {tool.name for tool in model.calls[0].tools} == {"get_weather", "to_fahrenheit"}
    _, weather, fahrenheit = input_texts(model.calls[1])
    assert "12-20 °C" in weather
    assert "sunny with wind" in weather
    assert fahrenheit == "68 °F"


async def test_unknown_city_is_reported_to_the_model_and_not_retried(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel(
        [
            [function_call("get_weather", {"city": "Atlantis"}, call_id="1")],
            [assistant_message("I have no weather for Atlantis.")],
        ]
    )
    async with serving(build_worker, model) as client:
        outcome = await start_all([find("basic/tools")], client)
    outcome.assert_completed()
    [run] = outcome.runs
    attempts = [
        event.activity_task_started_event_attributes.attempt
        for event in run.events(EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED)
    ]
    assert attempts == [1, 1, 1], "the lookup of an unknown city was retried"
    assert capsys.readouterr().out == "I have no weather for Atlantis.\n"
    reported = input_texts(model.calls[1])[-1]
    start = "get_weather was not done: No weather for 'Atlantis'. Known cities: Amsterdam"
    assert reported.startswith(start)


async def test_invalid_arguments_are_reported_to_the_model() -> None:
    model = ScriptedModel(
        [
            [
                function_call("get_weather", {"town": "Oslo"}, call_id="1"),
                function_call("get_weather", "{city:", call_id="2"),
                function_call("to_fahrenheit", {"celsius": "warm"}, call_id="3"),
            ],
            [assistant_message("I could not look it up.")],
        ]
    )
    async with serving(build_worker, model):
        await main("What is the weather in Oslo?")
    _, missing, malformed, mistyped = input_texts(model.calls[1])
    assert missing == "get_weather was not called: arguments.city: Field required"
    assert malformed == "get_weather was not called: its arguments must be a JSON object"
    assert "Invalid JSON input for tool to_fahrenheit" in mistyped


async def test_empty_question_fails() -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(""))
    assert error.type == "InvalidInput"
    assert "question is empty" in error.message
