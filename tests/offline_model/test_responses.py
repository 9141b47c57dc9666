"""The Responses API, through OpenAI's client."""

import httpx2
import pytest
from openai import APIStatusError, AsyncOpenAI, BadRequestError, NotFoundError, OpenAI
from openai.types.responses import Response, ResponseFunctionToolCall
from pydantic import BaseModel, Field

from offline_model.server import OfflineModel
from tests.offline_model.conftest import WEATHER


class Forecast(BaseModel):
    """A structured answer."""

    city: str
    degrees: int = Field(ge=-40, le=50)


def the_call(response: Response) -> ResponseFunctionToolCall:
    (item,) = response.output
    assert isinstance(item, ResponseFunctionToolCall)
    return item


def test_answer_says_that_it_is_offline(client: OpenAI) -> None:
    response = client.responses.create(model="gpt-5", input="Hello")

    assert response.model == "offline-model"
    assert response.output_text == "(offline model) You asked: Hello"


def test_answer_counts_tokens(client: OpenAI) -> None:
    short = client.responses.create(model="m", input="Hello")
    long = client.responses.create(model="m", input="Hello" * 100)

    assert short.usage is not None
    assert long.usage is not None
    assert 0 < short.usage.input_tokens < long.usage.input_tokens
    assert short.usage.total_tokens == short.usage.input_tokens + short.usage.output_tokens > 0


def test_answer_is_the_same_for_the_same_request(client: OpenAI) -> None:
    first, second = (client.responses.create(model="m", input="Hello") for _ in range(2))

    assert first.output_text == second.output_text
    assert first.id != second.id


def test_tool_is_called_and_its_result_used(client: OpenAI) -> None:
    first = client.responses.create(model="m", input="Weather in New York?", tools=[WEATHER])
    call = the_call(first)
    second = client.responses.create(
        model="m",
        tools=[WEATHER],
        input=[
            {"role": "user", "content": "Weather in New York?"},
            {
                "type": "function_call",
                "call_id": call.call_id,
                "name": call.name,
                "arguments": call.arguments,
            },
            {"type": "function_call_output", "call_id": call.call_id, "output": "drizzle"},
        ],
    )

    assert call.arguments == '{"city": "New York"}'
    assert "drizzle" in second.output_text


def test_conversation_continues_from_the_previous_response_id(client: OpenAI) -> None:
    first = client.responses.create(model="m", input="Weather in Oslo?", tools=[WEATHER])
    second = client.responses.create(
        model="m",
        tools=[WEATHER],
        previous_response_id=first.id,
        input=[
            {
                "type": "function_call_output",
                "call_id": the_call(first).call_id,
                "output": "drizzle",
            }
        ],
    )

    assert "drizzle" in second.output_text
    assert second.previous_response_id == first.id


def test_unknown_previous_response_is_rejected_with_its_code(client: OpenAI) -> None:
    with pytest.raises(BadRequestError) as error:
        client.responses.create(model="m", input="Hi", previous_response_id="resp_gone")

    assert error.value.code == "previous_response_not_found"


def test_response_that_is_not_stored_cannot_be_continued(client: OpenAI) -> None:
    response = client.responses.create(model="m", input="Hi", store=False)

    with pytest.raises(BadRequestError, match="not found"):
        client.responses.create(model="m", input="Hi", previous_response_id=response.id)


def test_response_can_be_retrieved(client: OpenAI) -> None:
    response = client.responses.create(model="m", input="Hello")

    assert client.responses.retrieve(response.id).output_text == response.output_text
    with pytest.raises(NotFoundError):
        client.responses.retrieve("resp_gone")


def test_structured_output_fits_its_schema(client: OpenAI) -> None:
    response = client.responses.parse(
        model="m", input="It is -7 degrees in Oslo.", text_format=Forecast
    )

    assert response.output_parsed == Forecast(city="Oslo", degrees=-7)


def test_stream_finishes_with_the_whole_response(client: OpenAI) -> None:
    with client.responses.stream(model="m", input="Hello") as stream:
        deltas = [e.delta for e in stream if e.type == "response.output_text.delta"]
        response = stream.get_final_response()

    assert "".join(deltas) == response.output_text
    assert response.model == "offline-model"


async def test_async_client_gets_the_same_text_plain_and_streamed(
    async_client: AsyncOpenAI,
) -> None:
    plain = await async_client.responses.create(model="m", input="Hello")
    stream = await async_client.responses.create(model="m", input="Hello", stream=True)
    last = [event async for event in stream][-1]

    assert last.type == "response.completed"
    assert last.response.output_text == plain.output_text


def test_result_without_its_call_is_rejected(client: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="No tool call found"):
        client.responses.create(
            model="m",
            input=[{"type": "function_call_output", "call_id": "call_1", "output": "x"}],
        )


def test_call_without_its_result_is_rejected(client: OpenAI) -> None:
    first = client.responses.create(model="m", input="Weather in Oslo?", tools=[WEATHER])

    with pytest.raises(BadRequestError, match="No tool output found"):
        client.responses.create(model="m", input="And?", previous_response_id=first.id)


def test_server_side_conversations_are_rejected_by_name(client: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="does not support 'conversation'"):
        client.responses.create(model="m", input="Hi", conversation="conv_1")


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/responses", "{", 400),
        ("POST", "/responses", "[]", 400),
        ("POST", "/responses", "{}", 400),
        ("POST", "/responses", '{"model": "m", "input": 1}', 400),
        ("POST", "/responses", '{"model": "m", "input": "x", "tools": [1]}', 400),
        ("POST", "/chat/completions", '{"model": "m"}', 400),
        ("POST", "/chat/completions", '{"model": "m", "messages": [1]}', 400),
        ("GET", "/nowhere", "", 404),
        ("PUT", "/responses", "", 405),
    ],
)
def test_bad_request_gets_a_json_error(
    model: OfflineModel, method: str, path: str, content: str, status: int
) -> None:
    headers = {"Authorization": "Bearer offline"}
    answer = httpx2.request(method, model.base_url + path, content=content, headers=headers)

    assert answer.status_code == status
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}


def test_request_without_a_key_is_rejected(model: OfflineModel) -> None:
    answer = httpx2.get(model.base_url + "/models")

    assert answer.status_code == 401
    assert "authentication" in answer.json()["error"]["message"]


def test_models_are_listed(client: OpenAI) -> None:
    assert [each.id for each in client.models.list()] == ["offline-model"]
    assert client.models.retrieve("gpt-5").id == "gpt-5"


def test_calls_are_recorded_with_their_status(model: OfflineModel, client: OpenAI) -> None:
    client.responses.create(model="m", input="Hello")
    with pytest.raises(APIStatusError):
        client.responses.create(model="m", input="Hi", previous_response_id="resp_gone")

    assert [(call.path, call.status) for call in model.calls] == [
        ("/v1/responses", 200),
        ("/v1/responses", 400),
    ]
    assert model.calls[0].body == {"model": "m", "input": "Hello"}
