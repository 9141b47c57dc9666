"""How the autopilot uses the tools that the model's provider runs."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import shorten

from offline_model.arithmetic import evaluate, expression_in
from offline_model.json_text import Json
from offline_model.model_reply import (
    Page,
    Reply,
    SearchResult,
    code_interpreter,
    file_search,
    image_generation,
    mcp_approval_request,
    mcp_call,
    mcp_list_tools,
    web_search,
)
from offline_model.model_request import Approval, ModelRequest
from offline_model.pictures import draw

# What is told of what a tool found, and how much is cited.
_LONGEST = 300
_MOST_CITED = 3

_PICTURE = re.compile(
    r"\b(draw|paint|sketch|picture|image|photo|illustrat\w+|logo|poster|icon)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class ToolUse:
    """What a tool did, a sentence about it, and what to cite."""

    reply: Reply
    summary: str
    sources: tuple[Page | SearchResult, ...] = ()
    needs_approval: bool = False


def uses(seen: ModelRequest) -> list[ToolUse]:
    """Use each tool that fits, once a turn. The last use may wait for the user's approval."""
    used: list[ToolUse] = []
    for kind, use in _USES.items():
        if seen.can_use(kind) and (done := use(seen)):
            used.append(done)
    for server in seen.hosted.get("mcp", []) if seen.tool_choice != "none" else []:
        used += _mcp(seen, server)
        if used and used[-1].needs_approval:
            break
    return used


def _web_search(seen: ModelRequest) -> ToolUse:
    page = Page("example.com", "https://example.com/")
    told = "I am offline, so the web was not searched; the source is only an example."
    return ToolUse(web_search(_short(seen.user_text), page), told, (page,))


def _file_search(seen: ModelRequest) -> ToolUse:
    found = seen.search_files(seen.user_text)
    cited = tuple(found[:_MOST_CITED])
    told = " ".join(f"{passage.filename} says: {_short(passage.text)}" for passage in cited)
    reply = file_search([_short(seen.user_text)], found)
    return ToolUse(reply, told or "The files say nothing of that.", cited)


def _code_interpreter(seen: ModelRequest) -> ToolUse | None:
    expression = expression_in(seen.user_text)
    if expression is None:
        return None
    lines = ["import math", ""] if "math." in expression else []
    code = "\n".join([*lines, f"print({expression})"])
    result = evaluate(expression)
    return ToolUse(code_interpreter(code, f"{result}\n"), f"The code printed {result}.")


def _image_generation(seen: ModelRequest) -> ToolUse | None:
    if not _PICTURE.search(seen.user_text):
        return None
    picture = base64.b64encode(draw(seen.user_text)).decode()
    summary = "I drew some hills, since I cannot draw anything else."
    return ToolUse(image_generation(picture), summary)


_USES: dict[str, Callable[[ModelRequest], ToolUse | None]] = {
    "web_search": _web_search,
    "file_search": _file_search,
    "code_interpreter": _code_interpreter,
    "image_generation": _image_generation,
}


def _mcp(seen: ModelRequest, server: Json) -> Iterator[ToolUse]:
    """List a server's tools and call one, if need be after the user has agreed."""
    label = server["server_label"]
    if ("mcp_call", label) in _steps(seen.turn):
        return
    name = next(iter(_allowed(server)), "search")
    query = {"query": _short(seen.user_text)}
    if ("mcp_list_tools", label) not in _steps(seen.items):
        yield ToolUse(mcp_list_tools(label, {name: "What the stand-in takes to be there."}), "")
    decided = [approval for approval in seen.approvals if approval.label == label]
    if decided:
        yield _decided(decided[-1])
    elif _asks_first(server, name):
        yield ToolUse(mcp_approval_request(label, name, query), "", needs_approval=True)
    else:
        yield ToolUse(mcp_call(label, name, query, _not_called(label)), _not_called(label))


def _decided(approval: Approval) -> ToolUse:
    label, name = approval.label, approval.name
    if not approval.approved:
        reason = f" ({approval.reason})" if approval.reason else ""
        return ToolUse(Reply(), f"I was not allowed to call {name} of {label}{reason}.")
    arguments = json.loads(approval.arguments)
    called = mcp_call(label, name, arguments, _not_called(label), approval_request_id=approval.id)
    return ToolUse(called, f"You allowed the call. {_not_called(label)}")


def _not_called(label: str) -> str:
    return f"I am offline, so the MCP server {label} was not really called."


def _steps(items: list[Json]) -> set[tuple[str, str]]:
    return {(item.get("type", ""), item.get("server_label", "")) for item in items}


def _allowed(server: Json) -> list[str]:
    allowed = server.get("allowed_tools") or []
    return list(allowed.get("tool_names") or [] if isinstance(allowed, dict) else allowed)


def _asks_first(server: Json, name: str) -> bool:
    """Whether a call needs approval. The API asks unless told otherwise."""
    rule = server.get("require_approval") or "always"
    if isinstance(rule, str):
        return rule == "always"
    return name not in (rule.get("never") or {}).get("tool_names", [])


def _short(text: str) -> str:
    return shorten(text, _LONGEST, placeholder=" …")
