"""Measures what the durability plugin adds to a workflow and to a model call.

Run it with `uv run benchmarks/safety.py`.
"""

from durable_agents.payloads import StrictPayloadConverter
from durable_agents.responses import validate_response

import timeit
from collections.abc import Callable
from functools import partial
from typing import Any

from agents import ModelResponse, Usage
from agents.items import TResponseOutputItem
from openai._models import construct_type
from pydantic import BaseModel, Field
from temporalio.api.common.v1 import Payload
from temporalio.openai_agents import OpenAIPayloadConverter


class Message(BaseModel):
    """A typical argument of a chat's update."""

    user_input: str = Field(max_length=10_000)
    chat_length: int = Field(ge=0)


def microseconds(work: Callable[[], object], number: int = 2_000) -> float:
    """Return the time of one call, in microseconds: the best of five rounds."""
    return min(timeit.repeat(work, number=number, repeat=5)) / number * 1e6


def answer(text: str) -> ModelResponse:
    """Return an answer with a message and a tool call, as the API client builds it."""
    content = {"type": "output_text", "text": text, "annotations": []}
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed"}
    items = [
        {**message, "content": [content]},
        {"id": "f", "type": "function_call", "call_id": "c", "name": "t", "arguments": "{}"},
    ]
    output: list[Any] = [construct_type(type_=TResponseOutputItem, value=item) for item in items]
    return ModelResponse(output=output, usage=Usage(), response_id="r")


def model_call_input(size: int) -> list[Any]:
    """Return the argument of a model call with a conversation of about `size` bytes."""
    messages = [{"role": "user", "content": "x" * 1_000} for _ in range(max(1, size // 1_000))]
    return [{"model_name": None, "input": messages, "tools": [], "handoffs": [], "tracing": 0}]


def total_size(payloads: list[Payload]) -> int:
    """Return the size of payloads, in bytes."""
    return sum(payload.ByteSize() for payload in payloads)


def main() -> None:
    """Print the time that each check takes."""
    plain, strict = OpenAIPayloadConverter(), StrictPayloadConverter()
    arguments = [Message(user_input="Where is my seat?" * 10, chat_length=4), "plain"]
    for name, converter in (("agents plugin", plain), ("with durability", strict)):
        payloads = converter.to_payloads(arguments)
        cost = microseconds(partial(converter.from_payloads, payloads, [Message, str]))
        print(f"decode two arguments, {name:<15} {cost:8.1f} µs")
    for name, size, number in (
        ("a small model call", 1_000, 2_000),
        ("1 MB of input", 1_000_000, 20),
    ):
        sent = model_call_input(size)
        payloads = strict.to_payloads(sent)
        measure = microseconds(partial(total_size, payloads), number)
        validate = microseconds(partial(validate_response, answer("A short answer.")), number)
        encode = microseconds(partial(plain.to_payloads, sent), number)
        print(f"{name}: measure {measure:.1f} µs, validate the answer {validate:.1f} µs")
        print(f"  for comparison, encoding it: {encode:.1f} µs, with or without the plugin")
    large = microseconds(partial(validate_response, answer("x" * 1_000_000)), 20)
    print(f"an answer of 1 MB: validate {large:.1f} µs")


if __name__ == "__main__":
    main()
