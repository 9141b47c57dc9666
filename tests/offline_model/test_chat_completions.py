"""Chat Completions, through OpenAI's client."""

import pytest
from openai import AsyncOpenAI, BadRequestError, OpenAI
from openai.types.chat import ChatCompletionMessageFunctionToolCall, ChatCompletionMessageParam
from pydantic import BaseModel

from tests.offline_model.conftest import CHAT_WEATHER

QUESTION: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Weather in New York?"},
]


class Place(BaseModel):
    """A structured answer."""

    city: str


def test_chat_returns_text_and_usage(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="gpt-5", messages=QUESTION)

    (choice,) = completion.choices
    assert "New York" in (choice.message.content or "")
    assert choice.finish_reason == "stop"
    assert completion.model == "offline-model"
    assert completion.usage is not None
    assert completion.usage.prompt_tokens > 0


def test_tool_is_called_and_its_result_used(client: OpenAI) -> None:
    first = client.chat.completions.create(model="m", messages=QUESTION, tools=[CHAT_WEATHER])
    (choice,) = first.choices
    (call,) = choice.message.tool_calls or []
    assert isinstance(call, ChatCompletionMessageFunctionToolCall)
    second = client.chat.completions.create(
        model="m",
        tools=[CHAT_WEATHER],
        messages=[
            *QUESTION,
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": call.id,
                        "type": "function",
                        "function": {
                            "name": call.function.name,
                            "arguments": call.function.arguments,
                        },
                    }
                ],
            },
            {"role": "tool", "tool_call_id": call.id, "content": "drizzle"},
        ],
    )

    assert choice.finish_reason == "tool_calls"
    assert call.function.arguments == '{"city": "New York"}'
    assert "drizzle" in (second.choices[0].message.content or "")


def test_named_tool_is_called_for_any_message(client: OpenAI) -> None:
    completion = client.chat.completions.create(
        model="m",
        messages=[{"role": "user", "content": "Hello"}],
        tools=[CHAT_WEATHER],
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
    )

    assert completion.choices[0].message.tool_calls


def test_structured_output_fits_its_schema(client: OpenAI) -> None:
    completion = client.chat.completions.parse(model="m", messages=QUESTION, response_format=Place)

    assert completion.choices[0].message.parsed == Place(city="New York")


def test_image_reaches_the_model(client: OpenAI) -> None:
    image = {"url": "https://example.com/pictures/cat.png"}
    completion = client.chat.completions.create(
        model="m",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": image["url"]}},
                ],
            }
        ],
    )

    assert "cat.png" in (completion.choices[0].message.content or "")


def test_streamed_tool_call_is_complete(client: OpenAI) -> None:
    with client.chat.completions.stream(
        model="m",
        messages=QUESTION,
        tools=[CHAT_WEATHER],
        stream_options={"include_usage": True},
    ) as stream:
        completion = stream.get_final_completion()

    (call,) = completion.choices[0].message.tool_calls or []
    assert call.function.arguments == '{"city": "New York"}'
    assert completion.usage is not None


def test_stream_reports_usage_only_on_request(client: OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="m", messages=QUESTION, stream=True))

    assert all(chunk.choices and not chunk.usage for chunk in chunks)


async def test_async_client_gets_the_same_text_plain_and_streamed(
    async_client: AsyncOpenAI,
) -> None:
    plain = await async_client.chat.completions.create(model="m", messages=QUESTION)
    stream = await async_client.chat.completions.create(model="m", messages=QUESTION, stream=True)
    parts = [chunk.choices[0].delta.content or "" async for chunk in stream]

    assert "".join(parts) == plain.choices[0].message.content


def test_result_without_its_call_is_rejected(client: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="No tool call found"):
        client.chat.completions.create(
            model="m", messages=[{"role": "tool", "tool_call_id": "call_1", "content": "x"}]
        )
