"""A scripted model for the lifecycle agents: draws a number, then hands off if it is odd."""

import json

from agents.testing import ModelCall, ModelStep, ScriptedModel, assistant_message, function_call
from openai.types.responses import ResponseOutputItem

from tests.harness.workers import input_texts


def number_model(maximum: int) -> ScriptedModel:
    """Return a model with the steps for an odd number. An even number leaves some unused."""

    def draw(call: ModelCall) -> list[ResponseOutputItem]:
        return [function_call("random_number", {"maximum": maximum}, call_id="draw")]

    def return_or_hand_off(call: ModelCall) -> list[ResponseOutputItem]:
        number = int(input_texts(call)[-1])
        if number % 2:
            return [function_call("transfer_to_multiply_agent", {}, call_id="hand-off")]
        return [assistant_message(json.dumps({"number": number}))]

    def multiply(call: ModelCall) -> list[ResponseOutputItem]:
        drawn = next(int(text) for text in input_texts(call) if text.isdecimal())
        return [function_call("multiply_by_two", {"number": drawn}, call_id="multiply")]

    def return_product(call: ModelCall) -> list[ResponseOutputItem]:
        return [assistant_message(json.dumps({"number": int(input_texts(call)[-1])}))]

    steps = (draw, return_or_hand_off, multiply, return_product)
    return ScriptedModel(ModelStep.respond(step) for step in steps)
