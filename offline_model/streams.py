"""Streams: the events of a response, and the chunks of a chat completion.

Both are made from the whole answer. Fields of a wrong type, by a fault, are sent as they are.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from offline_model.json_text import Json

KINDS = frozenset({"truncate", "stall", "stream_error", "unfinished_stream", "unknown_event"})
_STREAM_ONLY = frozenset({"stream_error", "unfinished_stream", "unknown_event"})

_ERROR = {"code": "server_error", "message": "Injected fault: The server failed.", "param": None}
_WORD = re.compile(r"\S+\s*|\s+")
# The states of a hosted tool that are reported between start and end.
_STEPS = {
    "web_search_call": ("in_progress", "searching", "completed"),
    "file_search_call": ("in_progress", "searching", "completed"),
    "code_interpreter_call": ("in_progress", "interpreting", "completed"),
    "image_generation_call": ("in_progress", "generating", "completed"),
    "mcp_list_tools": ("in_progress", "completed"),
    "mcp_call": ("in_progress", "completed"),
}


def response_stream(response: Any, fault: str | None) -> list[bytes]:
    """Return the server-sent events of a response. The last one has the whole response."""
    events = list(_response_events(response))
    if fault == "unfinished_stream":
        events.pop()
    if fault == "stream_error":
        events[-1] = {"type": "error", **_ERROR}
    if fault == "unknown_event":
        events.insert(1, {"type": "response.telepathy", "power": 11})
    for number, event in enumerate(events):
        event["sequence_number"] = number
    return [_event(event, event["type"]) for event in events]


def chat_stream(completion: Any, fault: str | None, *, include_usage: bool) -> list[bytes]:
    """Return the server-sent events of a chat completion."""
    chunks = list(_chat_chunks(completion, include_usage=include_usage))
    events = [_event(chunk) for chunk in chunks]
    if fault == "unfinished_stream":
        return events[: len(events) // 2]
    if fault == "stream_error":
        return [*events[:-1], _event({"error": _ERROR | {"type": "server_error"}})]
    if fault == "unknown_event":
        events.insert(1, _event({"telepathy": 11}, "telepathy"))
    return [*events, b"data: [DONE]\n\n"]


def applies(fault: str, streamed: bool) -> bool:
    """Whether the answer has what the fault changes: some faults are for streams only."""
    return streamed or fault not in _STREAM_ONLY


def is_text(event: bytes) -> bool:
    """Whether an event has the next word of an answer, and not, for example, all of its text."""
    return b'.delta"' in event or b'"delta": {' in event


def _event(data: Any, name: str | None = None) -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def _response_events(response: Any) -> Iterator[Json]:
    if not isinstance(response, dict) or "status" not in response:
        yield {"type": "response.completed", "response": response}
        return
    started = response | {"status": "in_progress", "completed_at": None, "output": []}
    started |= {"error": None, "incomplete_details": None}
    started.pop("usage", None)
    yield {"type": "response.created", "response": started}
    yield {"type": "response.in_progress", "response": started}
    output = response.get("output")
    for index, item in enumerate(output if isinstance(output, list) else []):
        for event in _item_events(item):
            yield event | {"output_index": index}
    known = ("completed", "incomplete", "failed")
    status = response["status"] if response["status"] in known else "completed"
    yield {"type": f"response.{status}", "response": response}


def _item_events(item: Any) -> Iterator[Json]:
    """Return the events of one output item, from `output_item.added` to `output_item.done`."""
    kind = item.get("type") if isinstance(item, dict) else None
    started, parts = item, list[Json]()
    if isinstance(item, dict) and "status" in item:
        started = item | {"status": "in_progress"}
    if kind == "message" and isinstance(item["content"], list):
        started |= {"content": []}
        parts = [e for n, part in enumerate(item["content"]) for e in _part_events(part, n)]
    elif kind == "reasoning":
        started = item | {"summary": []}
        parts = [e for n, part in enumerate(item["summary"]) for e in _summary_events(part, n)]
    elif kind == "function_call" and isinstance(item["arguments"], str):
        started |= {"arguments": ""}
        parts = _arguments_events("function_call_arguments", item)
        parts[-1]["name"] = item["name"]
    elif kind in _STEPS:
        parts = [{"type": f"response.{kind}.{step}"} for step in _STEPS[kind]]
        parts[1:1] = _work_events(item)
    yield {"type": "response.output_item.added", "item": started}
    yield from ({**part, "item_id": item["id"]} for part in parts)
    yield {"type": "response.output_item.done", "item": item}


def _part_events(part: Any, index: int) -> Iterator[Json]:
    at = {"content_index": index}
    kind = part.get("type") if isinstance(part, dict) else None
    field = {"output_text": "text", "refusal": "refusal"}.get(str(kind))
    if field is None or not isinstance(part[field], str):
        return
    started = part | {field: ""} | ({"annotations": []} if field == "text" else {})
    logprobs: Json = {"logprobs": []} if field == "text" else {}
    yield {"type": "response.content_part.added", "part": started, **at}
    for word in _WORD.findall(part[field]):
        yield {"type": f"response.{kind}.delta", "delta": word, **logprobs, **at}
    for number, annotation in enumerate(part.get("annotations") or []):
        yield {
            "type": "response.output_text.annotation.added",
            "annotation_index": number,
            "annotation": annotation,
            **at,
        }
    yield {"type": f"response.{kind}.done", field: part[field], **logprobs, **at}
    yield {"type": "response.content_part.done", "part": part, **at}


def _summary_events(part: Json, index: int) -> Iterator[Json]:
    at, name = {"summary_index": index}, "response.reasoning_summary"
    yield {"type": f"{name}_part.added", "part": part | {"text": ""}, **at}
    for word in _WORD.findall(part["text"]):
        yield {"type": f"{name}_text.delta", "delta": word, **at}
    yield {"type": f"{name}_text.done", "text": part["text"], **at}
    yield {"type": f"{name}_part.done", "part": part, **at}


def _arguments_events(name: str, item: Json) -> list[Json]:
    return [
        {"type": f"response.{name}.delta", "delta": item["arguments"]},
        {"type": f"response.{name}.done", "arguments": item["arguments"]},
    ]


def _work_events(item: Json) -> list[Json]:
    """Return the events with the input of a hosted tool."""
    if item["type"] == "mcp_call":
        return _arguments_events("mcp_call_arguments", item)
    if item["type"] == "code_interpreter_call":
        name, code = "response.code_interpreter_call_code", item["code"]
        return [
            {"type": f"{name}.delta", "delta": code},
            {"type": f"{name}.done", "code": code},
        ]
    return []


def _chat_chunks(completion: Any, *, include_usage: bool) -> Iterator[Any]:
    choices = completion.get("choices") if isinstance(completion, dict) else None
    if not isinstance(choices, list):
        yield completion
        return
    head = completion | {"object": "chat.completion.chunk"}
    usage = head.pop("usage", None)
    for choice in choices:
        if not isinstance(choice, dict):
            yield head | {"choices": [choice]}
            continue
        for delta in _deltas(choice["message"]):
            yield head | {"choices": [_chunk(choice, delta, None)]}
        yield head | {"choices": [_chunk(choice, {}, choice["finish_reason"])]}
    if include_usage or not choices:
        yield head | {"choices": [], "usage": usage}


def _chunk(choice: Json, delta: Any, finish: str | None) -> Json:
    return {"index": choice["index"], "delta": delta, "logprobs": None, "finish_reason": finish}


def _deltas(message: Any) -> Iterator[Any]:
    if not isinstance(message, dict):
        yield message
        return
    yield {"role": message["role"], "content": ""}
    for field in ("reasoning_content", "content", "refusal"):
        value = message.get(field)
        words = _WORD.findall(value) if isinstance(value, str) else [value] * (value is not None)
        yield from ({field: word} for word in words)
    for index, call in enumerate(message.get("tool_calls") or []):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            yield {"tool_calls": [call]}
            continue
        yield {"tool_calls": [{**call, "index": index, "function": function | {"arguments": ""}}]}
        arguments = {"index": index, "function": {"arguments": function["arguments"]}}
        yield {"tool_calls": [arguments]}
