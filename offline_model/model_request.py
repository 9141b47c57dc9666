"""A request as the model sees it: the input of rules and the fallback."""

from dataclasses import dataclass, field
from typing import Self

from offline_model.files_api import Files
from offline_model.json_text import Json, text_of
from offline_model.model_reply import SearchResult
from offline_model.vector_stores_api import VectorStores

_HANDOFF = "transfer_to_"


@dataclass(frozen=True)
class Tool:
    """A function tool or handoff."""

    name: str
    description: str
    schema: Json


@dataclass(frozen=True)
class Approval:
    """The user's decision on a call of a remote MCP server's tool."""

    id: str
    name: str
    arguments: str
    approved: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class ModelRequest:
    """One request, as the model sees it. A turn is everything after the last user message.

    Attributes:
        model: The requested model.
        instructions: The system prompt.
        items: The whole conversation, as items of the Responses API.
        tools: The function tools by name, without handoffs.
        handoffs: The handoffs by name (`transfer_to_…`).
        tool_choice: "auto", "none", "required", or the name of the function to call.
        output_schema: The JSON Schema that the answer must fit, if any.
        images: Descriptions of the images in the last user messages.
        hosted: The settings of the tools that the model's provider runs, by type: "web_search",
            "file_search", "code_interpreter", "image_generation", "mcp" (one for each server).
        reasoning: The reasoning settings: "effort", and "summary" if the thoughts are requested.
        stores: The vector stores.
    """

    model: str
    instructions: str
    items: list[Json]
    tools: dict[str, Tool]
    handoffs: dict[str, Tool]
    tool_choice: str
    output_schema: Json | None
    images: list[str]
    hosted: dict[str, list[Json]]
    reasoning: Json
    stores: VectorStores = field(compare=False)

    @classmethod
    def of(cls, request: Json, items: list[Json], stores: VectorStores) -> Self:
        """Read a request to the Responses API, with the whole conversation as `items`.

        Raises:
            ApiError: A file or a vector store is unknown (404), an image is unreadable (400).
        """
        functions = [
            Tool(tool["name"], tool.get("description") or "", tool.get("parameters") or {})
            for tool in request.get("tools") or []
            if tool.get("type") == "function"
        ]
        return cls(
            model=str(request.get("model")),
            instructions=_instructions(request, items),
            items=items,
            tools={tool.name: tool for tool in functions if not tool.name.startswith(_HANDOFF)},
            handoffs={tool.name: tool for tool in functions if tool.name.startswith(_HANDOFF)},
            tool_choice=_tool_choice(request.get("tool_choice")),
            output_schema=_output_schema(request),
            images=_images(items, stores.files),
            hosted=_hosted(request, stores),
            reasoning=request.get("reasoning") or {},
            stores=stores,
        )

    @property
    def functions(self) -> list[Tool]:
        """The function tools and handoffs."""
        return [*self.tools.values(), *self.handoffs.values()]

    @property
    def user_text(self) -> str:
        """The last text of the user, or the last text of any role if there is none."""
        messages = [item for item in self.items if "role" in item]
        by_user = [item for item in messages if item["role"] == "user"]
        texts = (text_of(item.get("content")) for item in reversed(by_user or messages))
        return next((text for text in texts if text), "")

    @property
    def turn(self) -> list[Json]:
        """The items after the last user message."""
        return self.items[_after_last_user(self.items) :]

    @property
    def tool_results(self) -> dict[str, list[str]]:
        """The results of this turn, by the tool's name."""
        names = {i["call_id"]: i["name"] for i in self.items if i.get("type") == "function_call"}
        results: dict[str, list[str]] = {}
        for item in self.turn:
            if item.get("type") == "function_call_output":
                results.setdefault(names[item["call_id"]], []).append(text_of(item["output"]))
        return results

    @property
    def approvals(self) -> list[Approval]:
        """The user's decisions of this turn on calls of remote MCP servers, the last one last."""
        asked = {i.get("id"): i for i in self.items if i.get("type") == "mcp_approval_request"}
        return [
            _approval(asked[item["approval_request_id"]], item)
            for item in self.turn
            if item.get("type") == "mcp_approval_response"
        ]

    def search_files(self, query: str) -> list[SearchResult]:
        """Return the results of the file search tool, the best first, up to its limit."""
        tools = self.hosted.get("file_search", [])
        ids = [store_id for tool in tools for store_id in tool["vector_store_ids"]]
        limits = [tool["max_num_results"] for tool in tools if tool.get("max_num_results")]
        return self.stores.search(ids, query, min(limits, default=10))

    def can_call(self, name: str) -> bool:
        """Whether this tool or handoff is offered, allowed, and not called yet in this turn."""
        offered = name in self.tools or name in self.handoffs
        allowed = self.tool_choice in ("auto", "required", name)
        calls = [item["name"] for item in self.turn if item.get("type") == "function_call"]
        return offered and allowed and name not in calls


def _after_last_user(items: list[Json]) -> int:
    return max((n + 1 for n, item in enumerate(items) if item.get("role") == "user"), default=0)


def _instructions(request: Json, items: list[Json]) -> str:
    system = [i for i in items if i.get("role") in ("system", "developer")]
    texts = [request.get("instructions") or "", *(text_of(item.get("content")) for item in system)]
    return "\n\n".join(text for text in texts if text)


def _hosted(request: Json, stores: VectorStores) -> dict[str, list[Json]]:
    hosted: dict[str, list[Json]] = {}
    for tool in request.get("tools") or []:
        for store_id in tool.get("vector_store_ids") or []:
            stores.get(store_id)
        if tool.get("type") != "function":
            hosted.setdefault(tool["type"], []).append(tool)
    return hosted


def _approval(request: Json, response: Json) -> Approval:
    return Approval(
        id=request["id"],
        name=request["name"],
        arguments=request["arguments"],
        approved=response["approve"],
        reason=response.get("reason") or "",
    )


def _tool_choice(choice: object) -> str:
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        return str(choice.get("mode"))
    if isinstance(choice, dict):
        return str(choice.get("name") or choice.get("type") or "auto")
    return choice if isinstance(choice, str) else "auto"


def _output_schema(request: Json) -> Json | None:
    form = (request.get("text") or {}).get("format") or {}
    if form.get("type") == "json_object":
        return {"type": "object"}
    schema: Json | None = form.get("schema")
    return schema


def _images(items: list[Json], files: Files) -> list[str]:
    """Describe the images in the last user messages: there may be several in a row."""
    end = _after_last_user(items)
    start = end
    while start and items[start - 1].get("role") == "user":
        start -= 1
    contents = [item.get("content") for item in items[start:end]]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return [_image(part, files) for part in parts if part.get("type") == "input_image"]


def _image(part: Json, files: Files) -> str:
    from offline_model.images import describe, describe_url  # imports Pillow

    if part.get("file_id"):
        return describe(files.get(part["file_id"]).content)
    return describe_url(str(part.get("image_url")))
