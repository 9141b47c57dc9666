"""Faults as the client sees them, and which request gets which fault."""

import asyncio
import json
import threading
import time
from contextlib import suppress

import pytest
from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    BadRequestError,
    OpenAI,
    RateLimitError,
)
from openai.types.responses import Response, ResponseFunctionToolCall

from offline_model.faults import KINDS, Fault, Faults
from offline_model.schema_examples import fits
from offline_model.server import OfflineModel
from tests.offline_model.conftest import CHAT_WEATHER, WEATHER

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def ask(client: OpenAI, fault: str, text: str = "Weather in Oslo?") -> Response:
    return client.responses.create(
        model="m",
        input=text,
        tools=[WEATHER],
        text={"format": {"type": "json_schema", "name": "answer", "schema": SCHEMA}},
        extra_headers={"x-offline-fault": fault},
    )


def arguments(response: Response) -> str:
    (item,) = response.output
    assert isinstance(item, ResponseFunctionToolCall)
    return item.arguments


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
def test_refusal_has_its_status(model: OfflineModel, client: OpenAI, status: int) -> None:
    with pytest.raises(APIStatusError, match="Injected fault") as error:
        ask(client, str(status))

    assert error.value.status_code == status
    assert model.calls[0].status == status


@pytest.mark.parametrize(
    ("fault", "seconds", "milliseconds"), [("429", "1", None), ("429:0.2", "0.2", "200")]
)
def test_throttling_says_when_to_retry(
    client: OpenAI, fault: str, seconds: str, milliseconds: str | None
) -> None:
    with pytest.raises(RateLimitError) as error:
        ask(client, fault)

    assert error.value.response.headers["retry-after"] == seconds
    assert error.value.response.headers.get("retry-after-ms") == milliseconds


def test_slow_answer_exceeds_a_short_timeout(client: OpenAI) -> None:
    start = time.monotonic()
    with pytest.raises(APITimeoutError):
        ask(client.with_options(timeout=0.05), "slow:60")

    assert time.monotonic() - start < 10


def test_slow_answer_arrives_after_its_delay(client: OpenAI) -> None:
    start = time.monotonic()
    assert ask(client, "slow:0.05").output

    assert time.monotonic() - start >= 0.05


def test_pending_request_does_not_delay_the_stop() -> None:
    start = time.monotonic()
    with OfflineModel(latency=60) as model, OpenAI(base_url=model.base_url, api_key="k") as client:
        with pytest.raises(APITimeoutError):
            client.with_options(max_retries=0, timeout=0.05).responses.create(model="m", input="x")
        assert model.wait_until(lambda calls: [call.status for call in calls] == [None])

    assert time.monotonic() - start < 10


@pytest.mark.parametrize("path", ["responses", "chat/completions"])
@pytest.mark.parametrize("stream", [False, True])
async def test_client_disconnect_is_recorded_within_a_second(
    model: OfflineModel, async_client: AsyncOpenAI, path: str, stream: bool
) -> None:
    model.faults.next("slow:60")
    body = {"model": "m", "input": "x", "messages": [{"role": "user", "content": "x"}]}
    request = asyncio.create_task(
        async_client.post(f"/{path}", body=body | {"stream": stream}, cast_to=object)
    )
    await asyncio.to_thread(model.wait_until, lambda calls: any(call.fault for call in calls))
    cancelled = time.monotonic()
    request.cancel()

    assert await asyncio.to_thread(
        model.wait_until, lambda calls: calls[0].disconnected is not None
    )
    assert model.calls[0].disconnected is not None
    assert 0 <= model.calls[0].disconnected - cancelled < 1
    assert model.calls[0].status is None


def test_stop_of_the_server_is_not_recorded_as_a_disconnect() -> None:
    with OfflineModel() as model:
        own = OpenAI(base_url=model.base_url, api_key="k")
        own.responses.create(model="m", input="x")
        model.latency = 60
        waiting = threading.Thread(target=_ignore_failure, args=[own])
        waiting.start()
        assert model.wait_until(lambda calls: len(calls) == 2)
    waiting.join()
    own.close()

    assert [call.disconnected for call in model.calls] == [None, None]


def _ignore_failure(client: OpenAI) -> None:
    with suppress(APIConnectionError):
        client.with_options(max_retries=0).responses.create(model="m", input="x")


def test_dropped_connection_gets_no_answer(model: OfflineModel, client: OpenAI) -> None:
    with pytest.raises(APIConnectionError):
        ask(client, "drop")

    assert [(call.status, call.fault) for call in model.calls] == [(None, "drop")]


def test_truncated_answer_breaks_the_connection(client: OpenAI) -> None:
    with pytest.raises(APIConnectionError):
        ask(client, "truncate")


def test_truncated_stream_breaks_the_connection(client: OpenAI) -> None:
    stream = client.responses.create(
        model="m", input="Hello", stream=True, extra_headers={"x-offline-fault": "truncate"}
    )
    first = next(iter(stream))

    assert first.type == "response.created"
    with pytest.raises(APIConnectionError):
        list(stream)


def test_html_fault_sends_a_page_instead_of_json(client: OpenAI) -> None:
    answer = client.responses.with_raw_response.create(
        model="m", input="Hello", extra_headers={"x-offline-fault": "html"}
    )

    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!doctype html>")


def test_unknown_tool_is_called(client: OpenAI) -> None:
    (item,) = ask(client, "unknown_tool").output

    assert isinstance(item, ResponseFunctionToolCall)
    assert item.name == "no_such_tool"


def test_malformed_arguments_are_not_json(client: OpenAI) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(arguments(ask(client, "malformed_arguments")))


def test_wrong_arguments_are_json_that_does_not_fit(client: OpenAI) -> None:
    assert not fits(json.loads(arguments(ask(client, "wrong_arguments"))), SCHEMA)


def test_malformed_output_is_not_json(client: OpenAI) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(ask(client, "malformed_output").output_text)


def test_wrong_output_is_json_that_does_not_fit(client: OpenAI) -> None:
    assert not fits(json.loads(ask(client, "wrong_output").output_text), SCHEMA)


def test_empty_answer_has_no_output(client: OpenAI) -> None:
    assert ask(client, "empty").output == []


def test_tool_loop_calls_the_same_tool_indefinitely(model: OfflineModel, client: OpenAI) -> None:
    model.faults.always("tool_loop")
    response = client.responses.create(model="m", input="Hello", tools=[WEATHER])
    for _ in range(5):
        (item,) = response.output
        assert isinstance(item, ResponseFunctionToolCall)
        response = client.responses.create(
            model="m",
            tools=[WEATHER],
            previous_response_id=response.id,
            input=[{"type": "function_call_output", "call_id": item.call_id, "output": "drizzle"}],
        )

    assert all(call.applied for call in model.calls)


@pytest.mark.parametrize("kind", ["unknown_tool", "wrong_arguments", "wrong_output", "tool_loop"])
def test_fault_that_does_not_fit_is_recorded_as_not_applied(
    model: OfflineModel, client: OpenAI, kind: str
) -> None:
    model.faults.next(kind)
    response = client.responses.create(model="m", input="Hello")

    assert "Hello" in response.output_text
    assert [(call.fault, call.applied) for call in model.calls] == [(kind, False)]


def test_chat_gets_faults_too(model: OfflineModel, client: OpenAI) -> None:
    model.faults.next("malformed_arguments", "empty", "503")
    completion = client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "Hello"}], tools=[CHAT_WEATHER]
    )
    empty = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
    with pytest.raises(APIStatusError, match="Service Unavailable"):
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])

    assert completion.choices[0].finish_reason == "tool_calls"
    assert empty.choices[0].message.content is None
    assert [call.path for call in model.calls] == ["/v1/chat/completions"] * 3


def test_scripted_faults_apply_to_one_request_each(model: OfflineModel, client: OpenAI) -> None:
    model.faults.next("500", "429")
    for _ in range(2):
        with pytest.raises(APIStatusError):
            client.responses.create(model="m", input="Hello")
    client.responses.create(model="m", input="Hello")

    assert [call.status for call in model.calls] == [500, 429, 200]


def test_always_fault_lasts_until_cleared() -> None:
    faults = Faults()
    faults.always("500")
    assert [faults.choose() for _ in range(3)] == [Fault("500")] * 3

    faults.clear()
    assert faults.choose() is None


def test_header_wins_over_script_and_script_over_always() -> None:
    faults = Faults(rate=1, kinds=["503"])
    faults.always("500")
    faults.next("400")

    chosen = [faults.choose("drop"), faults.choose(), faults.choose()]
    assert [str(fault) for fault in chosen] == ["drop", "400", "500"]


def test_rate_picks_the_same_faults_for_the_same_seed() -> None:
    first, second = Faults(rate=0.3, seed=7), Faults(rate=0.3, seed=7)
    chosen = [first.choose() for _ in range(1000)]

    assert chosen == [second.choose() for _ in range(1000)]
    assert 250 < sum(fault is not None for fault in chosen) < 350


def test_rate_stops_at_its_limit() -> None:
    faults = Faults(rate=1, limit=3)

    assert sum(faults.choose() is not None for _ in range(10)) == 3


@pytest.mark.parametrize("text", ["oops", "500:1", "slow:x", "slow:-1", ""])
def test_unknown_fault_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="slow"):
        Faults().next(text)


def test_unknown_fault_in_a_header_lists_the_known_ones(client: OpenAI) -> None:
    with pytest.raises(BadRequestError) as error:
        ask(client, "oops")

    assert all(kind in error.value.message for kind in KINDS)
