"""The input of a model call: its conversation is plain data, and everything else has its types."""

from durable_agents.messages import ModelInput, following, model_input_of
from durable_agents.model_calls import with_plain_items
from durable_agents.payloads import StrictPayloadConverter

from typing import Any

import pytest
from agents import Agent, ModelSettings, Runner, function_tool
from agents.testing import ScriptedModel, assistant_message, function_call
from pydantic import JsonValue
from pydantic_core import from_json, to_json
from temporalio.openai_agents._invoke_model_activity import (
    ActivityModelInput,
    ModelTracingInput,
    StreamingActivityModelInput,
)

ITEM: dict[str, JsonValue] = {
    "role": "assistant",
    "type": "message",
    "id": "msg_1",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Hi", "annotations": [], "logprobs": [1]}],
    "phase_of_next_year": {"new": True},
}


def decoded(hint: Any = ActivityModelInput, **changes: Any) -> Any:
    """Return the input of a model call as its activity receives it."""
    fields = {
        "input": [ITEM],
        "model_settings": ModelSettings(temperature=0.5),
        "tracing": ModelTracingInput.ENABLED,
        "tools": [{"name": "f", "description": "", "params_json_schema": {}}],
    }
    converter = StrictPayloadConverter()
    [value] = converter.from_payloads(converter.to_payloads([{**fields, **changes}]), [hint])
    return value


@pytest.mark.parametrize("hint", [ActivityModelInput, StreamingActivityModelInput])
def test_items_are_decoded_as_they_were_sent(hint: Any) -> None:
    value = decoded(hint, streaming_topic="answers")
    assert value["input"] == [ITEM]
    assert value["model_settings"] == ModelSettings(temperature=0.5)
    assert type(value["tools"][0]).__name__ == "FunctionToolInput"
    assert ("streaming_topic" in value) == (hint is StreamingActivityModelInput)


def test_other_type_hints_are_unchanged() -> None:
    for hint in (None, int, ModelSettings, list[str]):
        assert with_plain_items(hint) is hint


async def test_run_follows_earlier_items_and_adds_its_own() -> None:
    @function_tool
    def now() -> str:
        return "noon"

    model = ScriptedModel(
        [[function_call("now", "{}", call_id="1")], [assistant_message("It is noon.")]]
    )
    agent = Agent[None](name="Clock", model=model, tools=[now])
    earlier: ModelInput = [{"role": "user", "content": "Hello"}, ITEM]
    result = await Runner.run(agent, "What time is it?", run_config=following(earlier))
    added = model_input_of(result)
    assert [item.get("type", item.get("role")) for item in added] == [
        "user",
        "function_call",
        "function_call_output",
        "message",
    ]
    shown = [from_json(to_json(call.input)) for call in model.calls]
    assert shown == [[*earlier, *added[:1]], [*earlier, *added[:3]]]
