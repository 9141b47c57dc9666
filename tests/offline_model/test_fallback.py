"""The fallback answers any prompt to any agent, and every run finishes."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from openai import InternalServerError, OpenAI

from offline_model import answers
from offline_model.fallback import reply_to
from offline_model.files_api import Files
from offline_model.json_text import Json
from offline_model.model_reply import Call, Reply, Text, call, call_all, obj, say
from offline_model.model_request import ModelRequest
from offline_model.server import OfflineModel
from offline_model.vector_stores_api import VectorStores


def tool(name: str, description: str = "", **properties: Json) -> Json:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": parameters,
    }


WEATHER = tool("get_weather", "Get the weather for a city.", city={"type": "string"})
ROLL = tool("roll_dice", "Roll some dice.", count={"type": "integer"})
BILLING = tool("transfer_to_billing_agent", "Handoff to the billing agent: invoices and refunds.")


def request_of(
    words: str, *tools: Json, items: Sequence[Json] = (), request: Json | None = None
) -> ModelRequest:
    conversation = [{"role": "user", "content": words}, *items]
    return ModelRequest.of(
        {"tools": list(tools), **(request or {})}, conversation, VectorStores(Files())
    )


def called(reply: Reply) -> str | None:
    (part,) = reply.parts
    return part.name if isinstance(part, Call) else None


def done(name: str, output: str = "fine") -> list[Json]:
    return [
        {"type": "function_call", "call_id": name, "name": name, "arguments": "{}"},
        {"type": "function_call_output", "call_id": name, "output": output},
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("What's the weather in Oslo?", "get_weather"),
        ("Roll two dice", "roll_dice"),
        ("I want a refund for my invoice", "transfer_to_billing_agent"),
        ("Hello", None),
    ],
)
def test_fallback_calls_the_tool_that_fits_the_users_words(text: str, name: str | None) -> None:
    assert called(reply_to(request_of(text, WEATHER, ROLL, BILLING))) == name


def test_fallback_calls_each_tool_once_a_turn_and_then_reports_the_results() -> None:
    text = "Roll dice and tell me the weather"
    first = reply_to(request_of(text, WEATHER, ROLL))
    second = reply_to(request_of(text, WEATHER, ROLL, items=done("roll_dice", "a six")))
    third = reply_to(
        request_of(
            text, WEATHER, ROLL, items=done("roll_dice", "a six") + done("get_weather", "rain")
        )
    )

    assert {called(first), called(second)} == {"get_weather", "roll_dice"}
    assert isinstance(third.parts[0], Text)
    assert "a six" in third.parts[0].text
    assert "rain" in third.parts[0].text


def test_fallback_calls_a_tool_again_in_the_next_turn() -> None:
    items = [*done("get_weather"), {"role": "user", "content": "And the weather in Rome?"}]

    assert reply_to(request_of("Weather?", WEATHER, items=items)) == call(
        "get_weather", city="Rome"
    )


@pytest.mark.parametrize(
    ("choice", "text", "name"),
    [
        ("none", "Weather in Oslo?", None),
        ("required", "Hello", "get_weather"),
        ({"type": "function", "name": "roll_dice"}, "Weather in Oslo?", "roll_dice"),
    ],
)
def test_fallback_honors_the_tool_choice(choice: object, text: str, name: str | None) -> None:
    assert (
        called(reply_to(request_of(text, WEATHER, ROLL, request={"tool_choice": choice}))) == name
    )


def test_fallback_makes_a_required_call_once() -> None:
    request = request_of(
        "Hello", WEATHER, items=done("get_weather"), request={"tool_choice": "required"}
    )

    assert called(reply_to(request)) is None


def test_tool_result_becomes_the_next_argument() -> None:
    double = tool("double", "Double a number.", x={"type": "integer"})
    request = request_of("Double a random number up to 9", double, items=done("random", "37"))

    assert reply_to(request) == call("double", x=37)


def test_structured_output_follows_the_tool_calls() -> None:
    form = {"type": "json_schema", "schema": tool("x", n={"type": "integer"})["parameters"]}
    request = {"text": {"format": form}}
    before = reply_to(request_of("Roll 2 dice", ROLL, request=request))
    after = reply_to(
        request_of("Roll 2 dice", ROLL, items=done("roll_dice", "11"), request=request)
    )

    assert before == call("roll_dice", count=2)
    assert after == obj({"n": 11})


def test_long_tool_result_is_shortened() -> None:
    request = request_of("Roll dice", ROLL, items=done("roll_dice", "six " * 10_000))

    (part,) = reply_to(request).parts
    assert isinstance(part, Text)
    assert len(part.text) < 500


def test_request_without_a_user_message_is_answered() -> None:
    request = ModelRequest.of(
        {}, [{"role": "assistant", "content": "So far so good"}], VectorStores(Files())
    )

    (part,) = reply_to(request).parts
    assert isinstance(part, Text)
    assert "So far" in part.text
    assert reply_to(ModelRequest.of({}, [], VectorStores(Files()))).parts


def test_request_has_instructions_tools_and_schema() -> None:
    request = request_of(
        "Hi",
        WEATHER,
        BILLING,
        items=[{"role": "developer", "content": "Be kind."}],
        request={"instructions": "Be brief.", "text": {"format": {"type": "json_object"}}},
    )

    assert request.instructions == "Be brief.\n\nBe kind."
    assert request.user_text == "Hi"
    assert (list(request.tools), list(request.handoffs)) == (
        ["get_weather"],
        ["transfer_to_billing_agent"],
    )
    assert request.output_schema == {"type": "object"}
    assert request.can_call("get_weather")
    assert not request.can_call("roll_dice")


def test_replies_can_be_combined() -> None:
    both = call_all(call("a"), call("b", name="c"))

    assert both.parts == (Call("a", "{}"), Call("b", json.dumps({"name": "c"})))
    assert say("x").parts == (Text("x"),)


RULES = """
from offline_model.model_reply import say

def greet(request):
    return say("Hello back") if request.user_text == "Hello" else None

def fail(request):
    if request.user_text == "Fail":
        raise RuntimeError("a broken rule")

RULES = [greet, fail]
"""


def test_rules_win_over_the_fallback_and_are_found_by_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "greetings.py").write_text(RULES)
    monkeypatch.setattr(answers, "__path__", [str(tmp_path)])

    with OfflineModel() as model, OpenAI(base_url=model.base_url, api_key="k") as client:
        ask = client.with_options(max_retries=0).responses.create
        assert ask(model="m", input="Hello").output_text == "Hello back"
        assert "Bye" in ask(model="m", input="Bye").output_text
        with pytest.raises(InternalServerError, match="see its log"):
            ask(model="m", input="Fail")


def test_server_starts_without_heavy_libraries() -> None:
    heavy = {"agents", "fastapi", "litellm", "openai", "temporalio"}
    script = f"import sys, offline_model.server; print({heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert done.stdout.strip() == b"set()"
