"""The Responses API: reads requests, and writes replies as responses."""

import time

from offline_model.api_errors import ApiError
from offline_model.conversations import ID_PREFIXES
from offline_model.json_text import MODEL, Json
from offline_model.model_reply import Call, Hosted, Part, Refusal, Reply, Text, Thought

_REPEATED = (
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "previous_response_id",
    "reasoning",
    "top_logprobs",
)


def input_items(request: Json) -> list[Json]:
    """Return the input of a request as items.

    Raises:
        ApiError: A parameter is missing, or not supported here (400).
    """
    if not isinstance(request.get("model"), str):
        raise ApiError(400, "Missing required parameter: 'model'.", param="model")
    for unsupported in ("conversation", "background"):
        if request.get(unsupported):
            message = f"The offline model does not support '{unsupported}'."
            raise ApiError(400, message, param=unsupported, code="unsupported_parameter")
    given = request.get("input")
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise ApiError(400, "'input' must be a string or a list of items.", param="input")
    return given


def response(reply: Reply, number: str, usage: Json, request: Json) -> Json:
    """Return the response that holds a reply."""
    include = request.get("include") or []
    return {
        "id": f"resp_{number}",
        "object": "response",
        "status": "completed",
        "output": [_item(part, f"{number}_{n}", include) for n, part in enumerate(reply.parts)],
        "usage": usage,
        **_envelope(request),
    }


def _item(part: Part, number: str, include: list[str]) -> Json:
    match part:
        case Hosted(item):
            return _included(item, include) | {"id": f"{ID_PREFIXES[item['type']]}_{number}"}
        case Call(name, arguments):
            made = {"type": "function_call", "call_id": f"call_{number}", "name": name}
            return {"id": f"fc_{number}", **made, "arguments": arguments, "status": "completed"}
        case Thought(summary):
            parts = [{"type": "summary_text", "text": text} for text in summary]
            return {"id": f"rs_{number}", "type": "reasoning", "summary": parts}
        case Text(text, annotations):
            content = {"type": "output_text", "text": text, "annotations": [*annotations]}
            return _message(number, content | {"logprobs": []})
        case Refusal(text):
            return _message(number, {"type": "refusal", "refusal": text})


def _message(number: str, part: Json) -> Json:
    head = {"id": f"msg_{number}", "type": "message", "role": "assistant", "status": "completed"}
    return head | {"content": [part]}


def _included(item: Json, include: list[str]) -> Json:
    """Return an item without the fields that are not in the request's `include`."""
    kind = item["type"]
    if kind == "web_search_call" and "web_search_call.action.sources" not in include:
        action = {key: value for key, value in item["action"].items() if key != "sources"}
        return item | {"action": action}
    for field in ("results", "outputs"):
        if field in item and f"{kind}.{field}" not in include:
            return item | {field: None}
    return dict(item)


def _envelope(request: Json) -> Json:
    """Return the settings of the request that a response repeats, and their defaults."""
    now = int(time.time())
    return {
        "model": MODEL,
        "created_at": now,
        "completed_at": now,
        "error": None,
        "incomplete_details": None,
        **{name: request.get(name) for name in _REPEATED},
        "background": False,
        "metadata": request.get("metadata") or {},
        "parallel_tool_calls": request.get("parallel_tool_calls", True),
        "service_tier": "default",
        "store": request.get("store", True),
        "temperature": request.get("temperature", 1.0),
        "text": request.get("text") or {"format": {"type": "text"}},
        "tool_choice": request.get("tool_choice", "auto"),
        "tools": request.get("tools") or [],
        "top_p": request.get("top_p", 1.0),
        "truncation": request.get("truncation", "disabled"),
    }
