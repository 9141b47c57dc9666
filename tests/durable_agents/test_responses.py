"""Model responses are validated on the worker: what the Agents SDK can read passes."""

from durable_agents.responses import (
    MAX_CALLS,
    MAX_ITEMS,
    MAX_NESTING,
    validate_events,
    validate_response,
)

from typing import Any

import pytest
from agents import ModelResponse, Usage
from agents.items import TResponseOutputItem
from openai._models import construct_type
from openai.types.responses import Response, ResponseCompletedEvent, ResponseTextDeltaEvent
from temporalio.exceptions import ApplicationError

Item = dict[str, Any]


def text(value: object, **more: object) -> Item:
    return {"type": "output_text", "text": value, "annotations": [], **more}


def message(content: object, **more: object) -> Item:
    fields = {"id": "m", "type": "message", "role": "assistant", "status": "completed"}
    return {**fields, "content": content, **more}


def call(arguments: object, **more: object) -> Item:
    fields = {"id": "f", "type": "function_call", "call_id": "c", "name": "tool"}
    return {**fields, "arguments": arguments, **more}


def search(**action: object) -> Item:
    return {"id": "w", "type": "web_search_call", "status": "completed", "action": action}


REASONING: Item = {"id": "r", "type": "reasoning", "summary": []}


def answered(*items: Item, structured: bool = False, **more: Any) -> ModelResponse:
    """Validate a response that the API client has built without validation."""
    output: list[Any] = [construct_type(type_=TResponseOutputItem, value=item) for item in items]
    response = ModelResponse(**{"output": output, "usage": Usage(), "response_id": None, **more})
    return validate_response(response, structured=structured)


def nested(levels: int) -> str:
    return '{"a": ' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


@pytest.mark.parametrize(
    "item",
    [
        message([text("hi")]),
        message([{"type": "refusal", "refusal": "no"}]),
        message([text("[" * 1000)]),
        message([text("hi", foo=1)], bar=[1]),
        message([text("hi")], status="queued"),
        message([text("hi"), {"type": "output_audio", "data": "x"}]),
        message([text("hi", annotations=[{"type": "new_citation", "page": 1}])]),
        search(type="search", query="x"),
        search(type="imagine", scene="x"),
        call("{}"),
        call(""),
        call('{"broken": '),
        call(nested(MAX_NESTING)),
        call('{"a": "' + "[" * 500 + '\\""}'),
    ],
)
def test_readable_item_is_kept_unchanged(item: Item) -> None:
    [kept] = answered(item).output
    assert kept.model_dump(exclude_unset=True, warnings=False) == item


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"type": "alien"}, "unknown type 'alien'"),
        ({"text": "hi"}, "unknown type"),
        ({"type": 5}, "unknown type '5'"),
        (message(None), "message.content"),
        (message("hi"), "message.content"),
        (message([text(5)]), "message.content.0.ResponseOutputText.text"),
        (message([{"data": "x"}]), "message.content.0"),
        (message([text("hi", annotations=[{"type": "url_citation"}])]), "AnnotationURLCitation"),
        (call({"city": "Oslo"}), "function_call.arguments"),
        (call("{}", name=5), "function_call.name"),
        (call("{}", call_id=None), "function_call.call_id"),
        (call(nested(MAX_NESTING + 1)), "nested more than 64 levels deep"),
        (call("[" * 5_000), "nested more than 64 levels deep"),
    ],
)
def test_malformed_item_is_rejected_and_not_retried(item: Item, reason: str) -> None:
    with pytest.raises(ApplicationError) as error:
        answered(item)
    assert error.value.type == "ModelBehaviorError"
    assert error.value.non_retryable
    assert reason in error.value.message


def test_fields_that_compatible_servers_omit_are_filled_in() -> None:
    part = {"type": "output_text", "text": "hi"}
    [kept] = answered({"id": "m", "type": "message", "content": [part]}).output
    assert kept.model_dump(exclude_unset=True) == message([text("hi")])


def test_output_that_cannot_be_encoded_is_rejected() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(ApplicationError, match="cannot be encoded"):
        answered(call("{}", extra=deep))


@pytest.mark.parametrize(
    "items",
    [
        [],
        [message([])],
        [message([text("")])],
        [message([text(" \n")])],
        [REASONING],
        [REASONING, message([text("")])],
        [{"id": "l", "type": "mcp_list_tools", "server_label": "s", "tools": []}],
    ],
)
def test_empty_response_is_rejected_and_not_retried(items: list[Item]) -> None:
    with pytest.raises(ApplicationError, match="its answer is empty") as error:
        answered(*items)
    assert error.value.type == "ModelBehaviorError"
    assert error.value.non_retryable


def test_empty_message_beside_a_tool_call_is_accepted() -> None:
    assert len(answered(REASONING, message([text("")]), call("{}")).output) == 3


def test_number_of_tool_calls_is_limited() -> None:
    assert len(answered(*[call("{}")] * MAX_CALLS).output) == MAX_CALLS
    with pytest.raises(ApplicationError, match="it has 129 tool calls; the limit is 128"):
        answered(*[call("{}")] * (MAX_CALLS + 1))


def test_number_of_items_is_limited() -> None:
    searches = [search(type="search", query="x")]
    assert len(answered(*searches * MAX_ITEMS).output) == MAX_ITEMS
    with pytest.raises(ApplicationError, match="it has 1,001 items; the limit is 1,000"):
        answered(*searches * (MAX_ITEMS + 1))


def test_nesting_of_text_is_limited_only_if_it_is_json() -> None:
    deep = message([text(nested(MAX_NESTING + 1))])
    assert answered(deep).output
    with pytest.raises(ApplicationError, match="nested more than 64 levels deep"):
        answered(deep, structured=True)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (message([text("Tokyo \ud83d")]), message([text("Tokyo \ufffd")])),
        (call('{"city": "\udc00"}'), call('{"city": "\ufffd"}')),
        (call('{"city": "\\ud83d"}'), call('{"city": "\\ufffd"}')),
        (call('{"city": "\\ud83d\\ude00"}'), call('{"city": "\\ud83d\\ude00"}')),
        (call('{"city": "\\\\ud83d"}'), call('{"city": "\\\\ud83d"}')),
        (call("{}", extra="\ud83d", status="odd"), call("{}", extra="\ufffd", status="odd")),
    ],
)
def test_lone_surrogates_are_replaced(item: Item, expected: Item) -> None:
    [kept] = answered(item).output
    assert kept.model_dump(exclude_unset=True, warnings=False) == expected


def test_ids_are_well_formed() -> None:
    response = answered(call("{}"), response_id="r\ud83d", request_id="q\ud83d")
    assert (response.response_id, response.request_id) == ("r\ufffd", "q\ufffd")


def test_streamed_response_is_validated_like_a_plain_one() -> None:
    delta = construct_type(
        type_=ResponseTextDeltaEvent,
        value={"type": "response.output_text.delta", "delta": "\ud83d"},
    )
    for output, problem in (([message(None)], "message.content"), ([REASONING], "empty")):
        with pytest.raises(ApplicationError, match=problem):
            validate_events([delta, completed(output)])
    first, last = validate_events([delta, completed([message([text("\ud83d")])])])
    assert first.delta == "\ufffd"
    assert last.response.output[0].content[0].text == "\ufffd"


def test_incomplete_stream_is_retried() -> None:
    with pytest.raises(ApplicationError, match="ended before") as error:
        validate_events([])
    assert not error.value.non_retryable


def completed(output: list[Item]) -> Any:
    response = construct_type(type_=Response, value={"id": "r", "output": output})
    return ResponseCompletedEvent.construct(type="response.completed", response=response)
