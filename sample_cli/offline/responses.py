"""The Responses API: checks requests, and writes answers as responses and event streams."""

import time

from agents import ModelSettings, Usage
from agents.items import TResponseOutputItem
from agents.models.interface import ModelTracing
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from openai.types.responses import ResponseOutputMessage, ResponseReasoningItem
from openai.types.responses.response_reasoning_item import Summary

from sample_cli.offline.body import MODEL, Json
from sample_cli.offline.errors import ApiError
from sample_cli.offline.replies import Call, Hosted, Reply, Text, Thought

_ID_OF = {
    "web_search_call": "ws",
    "file_search_call": "fs",
    "code_interpreter_call": "ci",
    "image_generation_call": "ig",
    "mcp_list_tools": "mcpl",
    "mcp_approval_request": "mcpr",
    "mcp_call": "mcp",
}


def input_items(request: Json) -> list[Json]:
    """Return the input of a request as items.

    Raises:
        ApiError: The request lacks something, or asks for what is not offered here (400).
    """
    if not isinstance(request.get("model"), str):
        raise ApiError(400, "Missing required parameter: 'model'.", param="model")
    for unsupported in ("conversation", "background"):
        if request.get(unsupported):
            message = f"The offline stand-in does not support '{unsupported}'."
            raise ApiError(400, message, param=unsupported, code="unsupported_parameter")
    given = request.get("input")
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise ApiError(400, "'input' must be a string or a list of items.", param="input")
    return given


def check_calls(items: list[Json]) -> None:
    """Check that calls and results belong together, as the real API does.

    Raises:
        ApiError: A call has no result, a result no call, or an approval no request (400).
    """
    asked = {item.get("id") for item in items if item.get("type") == "mcp_approval_request"}
    for item in items:
        if item.get("type") == "mcp_approval_response" and item["approval_request_id"] not in asked:
            message = f"No approval request found with id {item['approval_request_id']}."
            raise ApiError(400, message, param="input")
    calls = {item.get("call_id") for item in items if item.get("type") == "function_call"}
    results = {item.get("call_id") for item in items if item.get("type") == "function_call_output"}
    if lost := results - calls:
        message = f"No tool call found for function call output with call_id {lost.pop()}."
        raise ApiError(400, message, param="input")
    if open_calls := calls - results:
        message = f"No tool output found for function call {open_calls.pop()}."
        raise ApiError(400, message, param="input")


async def events(reply: Reply, number: str, usage: Usage, request: Json) -> list[Json]:
    """Return the stream of events for a reply. The last one holds the whole response."""
    include = request.get("include") or []
    parts = [
        await _part_events(part, f"{number}_{n}", n, include) for n, part in enumerate(reply.parts)
    ]
    *start, end = await _scripted(ModelStep(usage=usage, response_id=f"resp_{number}"))
    end["response"]["output"] = [part[-1]["item"] for part in parts]
    stream = [*start, *(event for part in parts for event in part), end]
    for sequence_number, event in enumerate(stream):
        event["sequence_number"] = sequence_number
        if "response" in event:
            event["response"] |= _envelope(request)
    return stream


async def _part_events(
    part: Text | Call | Thought | Hosted, number: str, index: int, include: list[str]
) -> list[Json]:
    """Return the events of one output item, from `output_item.added` to `output_item.done`."""
    if isinstance(part, Hosted):
        item = _asked_for(part.item, include) | {"id": f"{_ID_OF[part.item['type']]}_{number}"}
        begun = item | {"status": "in_progress"} if "status" in item else item
        return [
            {"type": "response.output_item.added", "output_index": index, "item": begun},
            {"type": "response.output_item.done", "output_index": index, "item": item},
        ]
    stream = await _scripted(ModelStep(output=[_item(part, number)]))
    return [event | {"output_index": index} for event in stream if "response" not in event]


async def _scripted(step: ModelStep) -> list[Json]:
    stream = ScriptedModel([step]).stream_response(
        None,
        [],
        ModelSettings(),
        [],
        None,
        [],
        ModelTracing.DISABLED,
        previous_response_id=None,
        conversation_id=None,
        prompt=None,
    )
    return [event.model_dump(mode="json", exclude_unset=True) async for event in stream]


def _item(part: Text | Call | Thought, number: str) -> TResponseOutputItem:
    if isinstance(part, Call):
        call_id, item_id = f"call_{number}", f"fc_{number}"
        return function_call(part.name, part.arguments, call_id=call_id, item_id=item_id)
    if isinstance(part, Thought):
        summary = [Summary(type="summary_text", text=text) for text in part.summary]
        return ResponseReasoningItem(type="reasoning", id=f"rs_{number}", summary=summary)
    message = assistant_message(part.text, item_id=f"msg_{number}").model_dump()
    message["content"][0]["annotations"] = list(part.annotations)
    return ResponseOutputMessage.model_validate(message)


def _asked_for(item: Json, include: list[str]) -> Json:
    """Return an item without what the API only shows to those who ask for it."""
    kind = item["type"]
    if kind == "web_search_call" and "web_search_call.action.sources" not in include:
        action = {key: value for key, value in item["action"].items() if key != "sources"}
        return item | {"action": action}
    for field in ("results", "outputs"):
        if field in item and f"{kind}.{field}" not in include:
            return item | {field: None}
    return dict(item)


def _envelope(request: Json) -> Json:
    """Return what a response repeats of its request."""
    return {
        "model": MODEL,
        "created_at": int(time.time()),
        "error": None,
        "incomplete_details": None,
        "instructions": request.get("instructions"),
        "metadata": request.get("metadata") or {},
        "parallel_tool_calls": request.get("parallel_tool_calls", True),
        "previous_response_id": request.get("previous_response_id"),
        "store": request.get("store", True),
        "tool_choice": request.get("tool_choice", "auto"),
        "tools": request.get("tools") or [],
    }
