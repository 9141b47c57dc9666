"""Chat Completions, translated to requests of the Responses API and back."""

from typing import Any

from offline_model.api_errors import ApiError
from offline_model.json_text import Json, text_of


def to_response_request(body: Json) -> Json:
    """Translate a chat request to one for the Responses API.

    Raises:
        ApiError: The messages are missing or invalid (400).
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ApiError(400, "Missing required parameter: 'messages'.", param="messages")
    if not all(isinstance(message, dict) and "role" in message for message in messages):
        raise ApiError(400, "Each message must be an object with a role.", param="messages")
    choice = body.get("tool_choice", "auto")
    return {
        "model": body.get("model"),
        "input": [item for message in messages for item in _items(message)],
        "tools": [_tool(tool) for tool in body.get("tools") or []],
        "tool_choice": choice.get("function", {}) if isinstance(choice, dict) else choice,
        "text": {"format": _format(body.get("response_format") or {})},
        "reasoning": _reasoning(body.get("reasoning_effort")),
        "store": False,
    }


def completion(response: Json) -> Json:
    """Translate a response to a chat completion."""
    message: Json = {"role": "assistant", **_message(response["output"])}
    choice: Json = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": _finish(message),
    }
    return {
        "id": response["id"].replace("resp_", "chatcmpl-"),
        "object": "chat.completion",
        "created": response["created_at"],
        "model": response["model"],
        "choices": [choice],
        "usage": _usage(response),
    }


def _items(message: Json) -> list[Json]:
    role, content = message["role"], message.get("content")
    if role == "tool":
        call_id = message.get("tool_call_id")
        return [{"type": "function_call_output", "call_id": call_id, "output": text_of(content)}]
    calls = [
        {"type": "function_call", "call_id": call["id"], **call["function"]}
        for call in message.get("tool_calls") or []
    ]
    if isinstance(content, list):
        content = [_part(part) for part in content]
    return [{"role": role, "content": content}, *calls] if content else calls


def _part(part: Json) -> Json:
    if part.get("type") == "image_url":
        return {"type": "input_image", "image_url": part["image_url"]["url"]}
    return {**part, "type": f"input_{part.get('type')}"}


def _tool(tool: Json) -> Json:
    return {"type": tool.get("type"), **tool.get("function", {})}


def _format(response_format: Json) -> Json:
    return {**response_format, **response_format.get("json_schema", {})}


def _reasoning(effort: str | None) -> Json:
    """Request a summary if the model is to think: chat servers send it unrequested."""
    thinks = effort not in (None, "none")
    return {"effort": effort, "summary": "auto"} if thinks else {"effort": effort}


def _message(output: list[Json]) -> Json:
    texts = [text_of(item["content"]) for item in output if item["type"] == "message"]
    refusals = [p["refusal"] for i in output for p in i.get("content", []) if "refusal" in p]
    calls = [
        {
            "id": item["call_id"],
            "type": "function",
            "function": {"name": item["name"], "arguments": item["arguments"]},
        }
        for item in output
        if item["type"] == "function_call"
    ]
    message: Json = {
        "content": "\n".join(texts) if texts and not refusals else None,
        "refusal": "\n".join(refusals) if refusals else None,
    }
    thoughts = [p["text"] for i in output if i["type"] == "reasoning" for p in i["summary"]]
    if thoughts:
        message["reasoning_content"] = "\n\n".join(thoughts)
    return message | {"tool_calls": calls} if calls else message


def _finish(message: Json) -> str:
    return "tool_calls" if message.get("tool_calls") else "stop"


def _usage(response: Json) -> dict[str, Any]:
    usage = response["usage"]
    return {
        "prompt_tokens": usage["input_tokens"],
        "completion_tokens": usage["output_tokens"],
        "total_tokens": usage["total_tokens"],
    }
