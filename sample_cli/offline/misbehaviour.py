"""A model that misbehaves: the faults that are the model's own, rather than the connection's."""

from sample_cli.offline.autopilot import call_of
from sample_cli.offline.body import Json
from sample_cli.offline.replies import (
    Call,
    Reply,
    call,
    code_interpreter,
    file_search,
    image_generation,
    mcp_list_tools,
    obj,
    say,
    web_search,
)
from sample_cli.offline.schemas import fits
from sample_cli.offline.seen import Seen, Tool

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


def misbehave(kind: str, seen: Seen) -> Reply | None:
    """Return the faulty reply, or None if this fault makes no sense for the request."""
    functions = [*seen.tools.values(), *seen.handoffs.values()]
    # A model that misbehaves may also take a hosted tool for a function.
    tools = functions + [Tool(kind, "", _NOTHING) for kind in seen.hosted]
    if seen.tool_choice == "none":
        tools = []
    match kind:
        case "empty":
            return Reply()
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
