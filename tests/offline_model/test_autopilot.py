"""The autopilot: any prompt to any agent comes to an end, and the answer has to do with it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from openai import InternalServerError, OpenAI

from offline_model import answers
from offline_model.autopilot import reply_to
from offline_model.files_api import Files
from offline_model.json_text import Json
from offline_model.model_reply import Call, Reply, Text, call, call_all, obj, say
from offline_model.model_request import ModelRequest
from offline_model.server import OfflineModel


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


def see(
    words: str, *tools: Json, items: Sequence[Json] = (), request: Json | None = None
) -> ModelRequest:
    conversation = [{"role": "user", "content": words}, *items]
    return ModelRequest.of({"tools": list(tools), **(request or {})}, conversation, Files())


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
def test_the_tool_that_fits_the_users_words_is_called(text: str, name: str | None) -> None:
    assert called(reply_to(see(text, WEATHER, ROLL, BILLING))) == name


def test_each_tool_is_called_once_a_turn_and_then_the_results_are_told() -> None:
    text = "Roll dice and tell me the weather"
    first = reply_to(see(text, WEATHER, ROLL))
    second = reply_to(see(text, WEATHER, ROLL, items=done("roll_dice", "a six")))
    third = reply_to(
        see(text, WEATHER, ROLL, items=done("roll_dice", "a six") + done("get_weather", "rain"))
    )

    assert {called(first), called(second)} == {"get_weather", "roll_dice"}
    assert isinstance(third.parts[0], Text)
    assert "a six" in third.parts[0].text
    assert "rain" in third.parts[0].text


def test_a_tool_is_called_again_in_the_next_turn() -> None:
    items = [*done("get_weather"), {"role": "user", "content": "And the weather in Rome?"}]

    assert reply_to(see("Weather?", WEATHER, items=items)) == call("get_weather", city="Rome")


@pytest.mark.parametrize(
    ("choice", "text", "name"),
    [
        ("none", "Weather in Oslo?", None),
        ("required", "Hello", "get_weather"),
        ({"type": "function", "name": "roll_dice"}, "Weather in Oslo?", "roll_dice"),
    ],
)
def test_the_tool_choice_is_honoured(choice: object, text: str, name: str | None) -> None:
    assert called(reply_to(see(text, WEATHER, ROLL, request={"tool_choice": choice}))) == name


def test_a_required_call_is_not_made_twice() -> None:
    seen = see("Hello", WEATHER, items=done("get_weather"), request={"tool_choice": "required"})

    assert called(reply_to(seen)) is None


def test_what_a_tool_found_out_becomes_the_next_argument() -> None:
    double = tool("double", "Double a number.", x={"type": "integer"})
    seen = see("Double a random number up to 9", double, items=done("random", "37"))

    assert reply_to(seen) == call("double", x=37)


def test_structured_output_comes_after_the_tools() -> None:
    form = {"type": "json_schema", "schema": tool("x", n={"type": "integer"})["parameters"]}
    request = {"text": {"format": form}}
    before = reply_to(see("Roll 2 dice", ROLL, request=request))
    after = reply_to(see("Roll 2 dice", ROLL, items=done("roll_dice", "11"), request=request))

    assert before == call("roll_dice", count=2)
    assert after == obj({"n": 11})


def test_a_long_tool_result_is_cut_short() -> None:
    seen = see("Roll dice", ROLL, items=done("roll_dice", "six " * 10_000))

    (part,) = reply_to(seen).parts
    assert isinstance(part, Text)
    assert len(part.text) < 500


def test_a_request_without_any_user_message_is_answered() -> None:
    seen = ModelRequest.of({}, [{"role": "assistant", "content": "So far so good"}], Files())

    (part,) = reply_to(seen).parts
    assert isinstance(part, Text)
    assert "So far" in part.text
    assert reply_to(ModelRequest.of({}, [], Files())).parts


def test_what_the_model_sees_is_named_plainly() -> None:
    seen = see(
        "Hi",
        WEATHER,
        BILLING,
        items=[{"role": "developer", "content": "Be kind."}],
        request={"instructions": "Be brief.", "text": {"format": {"type": "json_object"}}},
    )

    assert seen.instructions == "Be brief.\n\nBe kind."
    assert seen.user_text == "Hi"
    assert (list(seen.tools), list(seen.handoffs)) == (
        ["get_weather"],
        ["transfer_to_billing_agent"],
    )
    assert seen.output_schema == {"type": "object"}
    assert seen.can_call("get_weather")
    assert not seen.can_call("roll_dice")


def test_replies_can_be_put_together() -> None:
    both = call_all(call("a"), call("b", name="c"))

    assert both.parts == (Call("a", "{}"), Call("b", json.dumps({"name": "c"})))
    assert say("x").parts == (Text("x"),)


RULES = """
from offline_model.model_reply import say

def greet(seen):
    return say("Hello back") if seen.user_text == "Hello" else None

def fail(seen):
    if seen.user_text == "Fail":
        raise RuntimeError("a broken rule")

RULES = [greet, fail]
"""


def test_rules_come_first_and_are_found_by_being_there(
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


def test_the_server_starts_without_the_heavy_libraries() -> None:
    script = "import sys, offline_model.server; print({'agents', 'litellm'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert done.stdout.strip() == b"set()"
