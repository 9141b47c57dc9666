"""Replies of the model: texts, function calls, objects, reasoning, and uses of hosted tools."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from offline_model.json_text import Json


@dataclass(frozen=True)
class Page:
    """A web page to cite."""

    title: str
    url: str


@dataclass(frozen=True)
class SearchResult:
    """A paragraph of a file, as found by a search."""

    file_id: str
    filename: str
    score: float
    text: str


@dataclass(frozen=True)
class Text:
    """A message to the user, with its annotations."""

    text: str
    annotations: tuple[Json, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """A message that declines to answer."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call of a function tool or handoff. The arguments are JSON, as the model wrote it."""

    name: str
    arguments: str


@dataclass(frozen=True)
class Thought:
    """A reasoning item, with its summary in parts."""

    summary: tuple[str, ...]


@dataclass(frozen=True)
class Hosted:
    """The use of a tool that the model's provider runs: an output item without its id."""

    item: Json


Part = Text | Refusal | Call | Thought | Hosted


@dataclass(frozen=True)
class Reply:
    """The whole output for one request, in order."""

    parts: tuple[Part, ...] = ()


def say(text: str) -> Reply:
    """Answer with a text."""
    return Reply((Text(text),))


def call(name: str, /, **arguments: object) -> Reply:
    """Call one function tool or handoff."""
    return Reply((Call(name, _json(arguments)),))


def call_all(*calls: Reply) -> Reply:
    """Call several tools at once: `call_all(call("a"), call("b", x=1))`."""
    return together(*calls)


def together(*replies: Reply) -> Reply:
    """Reply with several things, in order: `together(reasoning("Hm."), say("Yes."))`."""
    return Reply(tuple(part for reply in replies for part in reply.parts))


def obj(value: Mapping[str, object]) -> Reply:
    """Answer with a JSON object: structured output."""
    return say(_json(value))


def reasoning(*summary: str) -> Reply:
    """Think before the answer. In Chat Completions it is `reasoning_content`."""
    return Reply((Thought(summary),))


def say_citing(text: str, *sources: Page | SearchResult) -> Reply:
    """Answer with a text and its sources, as annotations. Web pages are also linked in the text."""
    annotations: list[Json] = []
    for source in sources:
        if isinstance(source, SearchResult):
            file = {"file_id": source.file_id, "filename": source.filename}
            annotations.append({"type": "file_citation", **file, "index": len(text)})
            continue
        start = len(text) + 1
        text = f"{text} ([{source.title}]({source.url}))"
        annotations.append(
            {
                "type": "url_citation",
                "start_index": start,
                "end_index": len(text),
                "title": source.title,
                "url": source.url,
            }
        )
    return Reply((Text(text, tuple(annotations)),))


def web_search(query: str, *pages: Page) -> Reply:
    """Search the web. `say_citing` cites the pages."""
    sources = [{"type": "url", "url": page.url} for page in pages]
    action = {"type": "search", "query": query, "queries": [query], "sources": sources}
    return _hosted("web_search_call", action=action, status="completed")


def file_search(queries: Sequence[str], results: Sequence[SearchResult]) -> Reply:
    """Search the vector stores. `request.search_files` finds the results."""
    found = [vars(result) | {"attributes": {}} for result in results]
    return _hosted("file_search_call", queries=list(queries), results=found, status="completed")


def code_interpreter(code: str, output: str) -> Reply:
    """Run code that prints `output`."""
    return _hosted(
        "code_interpreter_call",
        code=code,
        container_id="cntr_offline",
        outputs=[{"type": "logs", "logs": output}],
        status="completed",
    )


def image_generation(b64: str) -> Reply:
    """Generate a picture, given as base64."""
    return _hosted("image_generation_call", result=b64, status="completed")


def mcp_list_tools(label: str, tools: Mapping[str, str]) -> Reply:
    """List the tools of a remote MCP server: descriptions by name."""
    listed = [
        {"name": name, "description": description, "input_schema": {"type": "object"}}
        for name, description in tools.items()
    ]
    return _hosted("mcp_list_tools", server_label=label, tools=listed)


def mcp_approval_request(label: str, name: str, arguments: Mapping[str, object]) -> Reply:
    """Request approval to call a remote MCP server's tool. See `request.approvals`."""
    return _hosted(
        "mcp_approval_request", server_label=label, name=name, arguments=_json(arguments)
    )


def mcp_call(
    label: str,
    name: str,
    arguments: Mapping[str, object],
    output: str,
    *,
    approval_request_id: str | None = None,
) -> Reply:
    """Call a tool of a remote MCP server."""
    return _hosted(
        "mcp_call",
        server_label=label,
        name=name,
        arguments=_json(arguments),
        output=output,
        error=None,
        status="completed",
        approval_request_id=approval_request_id,
    )


def _hosted(kind: str, **fields: object) -> Reply:
    return Reply((Hosted({"type": kind, **fields}),))


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False)
