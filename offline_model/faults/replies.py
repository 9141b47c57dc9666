"""Faults of a model: the wrong reply, too much of it, or none."""

import json
from collections.abc import Callable
from dataclasses import replace

from offline_model import fallback, streams
from offline_model.faults import wire
from offline_model.json_text import Json
from offline_model.model_reply import (
    Call,
    Part,
    Refusal,
    Reply,
    Text,
    call,
    code_interpreter,
    file_search,
    image_generation,
    mcp_list_tools,
    obj,
    reasoning,
    say,
    together,
    web_search,
)
from offline_model.model_request import ModelRequest, Tool

_BROKEN_JSON = '{"broken": '
_NOTHING: Json = {"type": "object", "additionalProperties": False, "required": ["nothing"]}

# Hosted tools without an answer after them: the runner calls the model again each time.
_HOSTED_LOOP = {
    "web_search": web_search("again"),
    "file_search": file_search(["again"], []),
    "code_interpreter": code_interpreter("while True: pass", ""),
    "image_generation": image_generation(""),
    "mcp": mcp_list_tools("again", {}),
}

_MARK = "VALUE"
_DEEP = "[" * 100_000 + "]" * 100_000  # Python 3.13 parses up to 10,000 levels
_HUGE = "x" * 2_500_000  # a payload may have 2,097,152 bytes
_MANY_CALLS = 3_000  # a workflow may have 2,000 pending activities
_MANY_ITEMS = 2_000
_HUGE_NUMBER = "1" * 5_000  # Python parses integers of up to 4,300 digits
_SURROGATE = "Tokyo \ud83d"
_ESCAPED_SURROGATE = r'"Tokyo \ud83d"'

# The value of one field, as JSON.
_ARGUMENTS = {
    "deep_arguments": _DEEP,
    "deep_handoff": _DEEP,
    "huge_arguments": f'"{_HUGE}"',
    "lone_surrogate_arguments": f'"{_SURROGATE}"',
    "escaped_surrogate_arguments": _ESCAPED_SURROGATE,
    "nul_arguments": r'"Oslo\u0000"',
    "nan_arguments": "NaN",
    "huge_number_arguments": _HUGE_NUMBER,
}
_TEXTS = {
    "lone_surrogate_text": _SURROGATE,
    "nul_text": r"Oslo\u0000",
    "bad_utf8": wire.BAD_UTF8_MARK,
    "huge_answer": _HUGE,
}
_OUTPUTS = {
    **{kind: f'"{text}"' for kind, text in _TEXTS.items()},
    "deep_output": _DEEP,
    "escaped_surrogate_output": _ESCAPED_SURROGATE,
    "huge_number_output": _HUGE_NUMBER,
}
# All the arguments of a call, as the model wrote them.
_WHOLE_ARGUMENTS = {
    "list_arguments": "[1]",
    "blank_arguments": "",
    "incomplete_call": _BROKEN_JSON,
}
_CALL_OF_NONE = call("no_such_tool", city="Oslo")
_THOUGHT = reasoning("I have thought about it.")
_REPLIES = {
    "empty": Reply(),
    "empty_text": say(""),
    "blank_text": say(" \n\t "),
    "many_items": Reply(tuple(Text(f"{n}") for n in range(_MANY_ITEMS))),
    "refusal": Reply((Refusal("I cannot help with that."),)),
    "reasoning_only": _THOUGHT,
    "incomplete_max_output_tokens": _THOUGHT,
    "incomplete_content_filter": _THOUGHT,
    "long_tool_name": call("tool" * 25_000),
    "blank_tool_name": call(""),
    "lone_surrogate_tool_name": call("tool_\ud83d"),
}
# These spoil any reply later.
_ANY_REPLY = wire.FIELD_KINDS | wire.BODY_KINDS | streams.KINDS


def faulty_reply(
    kind: str, request: ModelRequest, usual: Callable[[ModelRequest], Reply]
) -> Reply | None:
    """Return the reply with the fault, or None if the fault does not fit the request.

    Args:
        kind: The kind of fault.
        request: The request.
        usual: Returns the reply without the fault.
    """
    if kind in _REPLIES:
        return _REPLIES[kind]
    if kind in wire.MESSAGE_KINDS:
        return _answer(request)
    if kind in _TEXTS and request.output_schema is None:
        return say(_TEXTS[kind].replace(r"\u0000", "\0"))
    if kind in _OUTPUTS and request.output_schema is not None:
        return say(_with_value(_answer(request), _OUTPUTS[kind]))
    reply = _faulty_call(kind, request) or _misuse(kind, request)
    return usual(request) if reply is None and kind in _ANY_REPLY else reply


def _faulty_call(kind: str, request: ModelRequest) -> Reply | None:
    functions = request.functions
    if kind == "deep_handoff":
        functions = [*request.handoffs.values()]
    if request.tool_choice == "none":
        functions = []
    if kind == "deep_handoff" and not functions:
        return None
    made = fallback.call_of(functions[0], request) if functions else _CALL_OF_NONE
    if kind in _ARGUMENTS:
        return Reply((Call(_call_in(made).name, _with_value(made, _ARGUMENTS[kind])),))
    if kind == "duplicate_call_id":
        return together(made, made)
    if kind in wire.CALL_KINDS:
        return made
    if not functions:
        return None
    if kind in _WHOLE_ARGUMENTS:
        return Reply((Call(functions[0].name, _WHOLE_ARGUMENTS[kind]),))
    if kind == "duplicate_keys" and _call_in(made).arguments != "{}":
        name, arguments = _call_in(made).name, _call_in(made).arguments
        return Reply((Call(name, f"{arguments[:-1]}, {arguments[1:]}"),))
    return together(*[made] * _MANY_CALLS) if kind == "many_calls" else None


def _misuse(kind: str, request: ModelRequest) -> Reply | None:
    # A misbehaving model also takes hosted tools for functions.
    tools = request.functions + [Tool(hosted, "", _NOTHING) for hosted in request.hosted]
    if request.tool_choice == "none":
        tools = []
    match kind:
        case "unknown_tool" if tools:
            return call("no_such_tool")
        case "malformed_arguments" if tools:
            return Reply((Call(tools[0].name, _BROKEN_JSON),))
        case "wrong_arguments":
            wrongs = ((tool.name, _misfit(tool.schema)) for tool in tools)
            return next((call(name, **wrong) for name, wrong in wrongs if wrong is not None), None)
        case "tool_loop" if tools and request.functions:
            return fallback.call_of(tools[0], request)
        case "tool_loop" if tools:
            return next((_HOSTED_LOOP[k] for k in request.hosted if k in _HOSTED_LOOP), None)
        case "malformed_output" if request.output_schema is not None:
            return say(_BROKEN_JSON)
        case "wrong_output" if request.output_schema is not None:
            wrong = _misfit(request.output_schema)
            return None if wrong is None else obj(wrong)
    return None


def _answer(request: ModelRequest) -> Reply:
    return fallback.reply_to(replace(request, tools={}, handoffs={}, hosted={}, reasoning={}))


def _call_in(reply: Reply) -> Call:
    [part] = reply.parts
    if not isinstance(part, Call):
        raise TypeError(f"{part} is not a call")
    return part


def _with_value(reply: Reply, value: str) -> str:
    """Return a reply's JSON object with another value in a field: of a text if there is one."""
    [part] = reply.parts
    made = json.loads(_json_in(part))
    texts = (name for name, each in made.items() if isinstance(each, str))
    name = next(texts, next(iter(made), "city"))
    return json.dumps({**made, name: _MARK}).replace(f'"{_MARK}"', value)


def _json_in(part: Part) -> str:
    if isinstance(part, Call):
        return part.arguments
    return part.text if isinstance(part, Text) else "{}"


def _misfit(schema: Json) -> Json | None:
    """Return an object that does not fit the schema, if there is one."""
    from offline_model.schema_examples import fits  # imports jsonschema

    names = schema.get("properties", {})
    candidates: list[Json] = [dict.fromkeys(names, each) for each in ({"wrong": True}, "wrong")]
    return next((wrong for wrong in [*candidates, {}] if not fits(wrong, schema)), None)
