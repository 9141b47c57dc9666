"""What a model replies under a fault: the wrong thing, too much of it, or nothing."""

import json
from collections.abc import Callable
from dataclasses import replace

from offline_model import http_faults, spoiled, streams
from offline_model.autopilot import call_of, reply_to
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
from offline_model.schema_examples import fits

_BROKEN_JSON = '{"broken": '
_NOTHING: Json = {"type": "object", "additionalProperties": False, "required": ["nothing"]}

# Hosted tools used without an answer after it: the runner asks for one again and again.
_AGAIN = {
    "web_search": web_search("again"),
    "file_search": file_search(["again"], []),
    "code_interpreter": code_interpreter("while True: pass", ""),
    "image_generation": image_generation(""),
    "mcp": mcp_list_tools("again", {}),
}

_MARK = "VALUE"
_DEEP = "[" * 100_000 + "]" * 100_000  # Python 3.13 reads up to 10,000 levels
_HUGE_CHARACTERS = 2_500_000  # a payload may have 2,097,152 bytes
_MANY_CALLS = 3_000  # a workflow may have 2,000 activities pending
_MANY_ITEMS = 2_000
_DIGITS = 5_000  # Python reads integers of up to 4,300 digits
_SURROGATE = "Tokyo \ud83d"
_ESCAPED_SURROGATE = r"Tokyo \ud83d"

# The value of one field, as JSON.
_ARGUMENTS = {
    "deep_arguments": _DEEP,
    "huge_arguments": f'"{"x" * _HUGE_CHARACTERS}"',
    "lone_surrogate_arguments": f'"{_SURROGATE}"',
    "escaped_surrogate_arguments": f'"{_ESCAPED_SURROGATE}"',
    "nul_arguments": r'"Oslo\u0000"',
    "nan_arguments": "NaN",
    "huge_number_arguments": "1" * _DIGITS,
}
_TEXTS = {
    "lone_surrogate_text": _SURROGATE,
    "nul_text": r"Oslo\u0000",
    "bad_utf8": "BAD-UTF-8",
    "huge_answer": "x" * _HUGE_CHARACTERS,
}
_OUTPUTS = {
    **{kind: f'"{text}"' for kind, text in _TEXTS.items()},
    "deep_output": _DEEP,
    "escaped_surrogate_output": f'"{_ESCAPED_SURROGATE}"',
    "huge_number_output": "1" * _DIGITS,
}
_NAMES = {
    "long_tool_name": "tool" * 25_000,
    "blank_tool_name": "",
    "lone_surrogate_tool_name": "tool_\ud83d",
}
_THOUGHT = reasoning("I have thought about it.")
_BAD_ARGUMENTS = {"list_arguments": "[1]", "blank_arguments": "", "incomplete_call": _BROKEN_JSON}
_REPLIES = {
    "empty": Reply(),
    "empty_text": say(""),
    "blank_text": say(" \n\t "),
    "many_items": Reply(tuple(Text(f"{n}") for n in range(_MANY_ITEMS))),
    "refusal": Reply((Refusal("I cannot help with that."),)),
    "reasoning_only": _THOUGHT,
    "incomplete_max_output_tokens": _THOUGHT,
    "incomplete_content_filter": _THOUGHT,
}
# What is spoiled after the reply: any will do.
_ANY_REPLY = spoiled.KINDS | http_faults.BODY_KINDS | streams.KINDS


def misbehave(
    kind: str, seen: ModelRequest, usual: Callable[[ModelRequest], Reply]
) -> Reply | None:
    """Return the faulty reply, or None if this fault makes no sense for the request.

    Args:
        kind: The kind of fault.
        seen: The request.
        usual: Gives the reply without the fault.
    """
    if kind in _REPLIES:
        return _REPLIES[kind]
    if kind in _NAMES:
        return call(_NAMES[kind])
    if kind in spoiled.MESSAGES:
        return _answer(seen)
    if kind in _TEXTS and seen.output_schema is None:
        return say(_TEXTS[kind].replace(r"\u0000", "\0"))
    if kind in _OUTPUTS and seen.output_schema is not None:
        return say(_with_value(_answer(seen), _OUTPUTS[kind]))
    functions = [*seen.tools.values(), *seen.handoffs.values()]
    reply = _call_of(kind, seen, functions if seen.tool_choice != "none" else [])
    return usual(seen) if reply is None and kind in _ANY_REPLY else reply or _misuse(kind, seen)


def _call_of(kind: str, seen: ModelRequest, functions: list[Tool]) -> Reply | None:
    one = call_of(functions[0], seen) if functions else call("no_such_tool", city="Oslo")
    if kind in _ARGUMENTS:
        return _with_argument(one, _ARGUMENTS[kind])
    if kind == "duplicate_call_id":
        return together(one, one)
    if kind in spoiled.CALLS:
        return one
    match kind:
        case "deep_handoff" if seen.handoffs:
            return _with_argument(call_of(next(iter(seen.handoffs.values())), seen), _DEEP)
        case "list_arguments" | "blank_arguments" | "incomplete_call" if functions:
            return Reply((Call(functions[0].name, _BAD_ARGUMENTS[kind]),))
        case "duplicate_keys" if functions:
            return _with_duplicate_keys(one)
        case "many_calls" if functions:
            return together(*[one] * _MANY_CALLS)
    return None


def _misuse(kind: str, seen: ModelRequest) -> Reply | None:
    functions = [*seen.tools.values(), *seen.handoffs.values()]
    # A model that misbehaves may also take a hosted tool for a function.
    tools = functions + [Tool(kind, "", _NOTHING) for kind in seen.hosted]
    if seen.tool_choice == "none":
        tools = []
    match kind:
        case "unknown_tool" if tools:
            return call("no_such_tool")
        case "malformed_arguments" if tools:
            return Reply((Call(tools[0].name, _BROKEN_JSON),))
        case "wrong_arguments":
            return _wrong_arguments(tools)
        case "tool_loop" if tools and functions:
            return call_of(functions[0], seen)
        case "tool_loop" if tools:
            return next((_AGAIN[kind] for kind in seen.hosted if kind in _AGAIN), None)
        case "malformed_output" if seen.output_schema is not None:
            return say(_BROKEN_JSON)
        case "wrong_output" if seen.output_schema is not None:
            wrong = _misfit(seen.output_schema)
            return None if wrong is None else obj(wrong)
    return None


def _answer(seen: ModelRequest) -> Reply:
    return reply_to(replace(seen, tools={}, handoffs={}, hosted={}, reasoning={}))


def _with_argument(reply: Reply, value: str) -> Reply:
    [part] = reply.parts
    return Reply((Call(part.name if isinstance(part, Call) else "", _with_value(reply, value)),))


def _with_value(reply: Reply, value: str) -> str:
    """Return a reply's JSON object with another value, of a text if there is one."""
    [part] = reply.parts
    made = json.loads(part.arguments if isinstance(part, Call) else _text_of(part))
    texts = (name for name, each in made.items() if isinstance(each, str))
    name = next(texts, next(iter(made), "city"))
    return json.dumps({**made, name: _MARK}).replace(f'"{_MARK}"', value)


def _text_of(part: Part) -> str:
    return part.text if isinstance(part, Text) else "{}"


def _with_duplicate_keys(reply: Reply) -> Reply | None:
    [made] = reply.parts
    if not isinstance(made, Call) or made.arguments == "{}":
        return None
    return Reply((Call(made.name, f"{made.arguments[:-1]}, {made.arguments[1:]}"),))


def _wrong_arguments(tools: list[Tool]) -> Reply | None:
    for tool in tools:
        wrong = _misfit(tool.schema)
        if wrong is not None:
            return call(tool.name, **wrong)
    return None


def _misfit(schema: Json) -> Json | None:
    """Return an object that does not fit the schema, if there is one."""
    names = schema.get("properties", {})
    candidates: list[Json] = [
        {name: {"wrong": True} for name in names},
        dict.fromkeys(names, "wrong"),
        {},
    ]
    return next((wrong for wrong in candidates if not fits(wrong, schema)), None)
