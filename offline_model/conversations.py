"""Conversations: stored responses, and checks that the items of an input belong together."""

from collections import OrderedDict

from offline_model.api_errors import ApiError
from offline_model.json_text import Json

_MAX_RESPONSES = 1_000
_MAX_BYTES = 256 * 1024 * 1024

# The prefix of the ids of each type of item.
ID_PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "web_search_call": "ws",
    "file_search_call": "fs",
    "code_interpreter_call": "ci",
    "image_generation_call": "ig",
    "mcp_list_tools": "mcpl",
    "mcp_approval_request": "mcpr",
    "mcp_call": "mcp",
}


class Conversations:
    """The last 1,000 responses of up to 256 MiB, each with the conversation that it ended."""

    def __init__(self) -> None:
        self._stored: OrderedDict[str, tuple[Json, list[Json], int]] = OrderedDict()
        self._bytes = 0
        self._items: dict[str, Json] = {}
        self._reasoning_before: dict[str, str] = {}

    def add(self, response: Json, items: list[Json], size: int) -> None:
        """Store a response to these items, of `size` bytes. Drop the oldest over the limits."""
        self._stored[response["id"]] = response, [*items, *response["output"]], size
        self._bytes += size
        reasoning_id: str | None = None
        for item in response["output"]:
            self._items[item["id"]] = item
            if item["type"] == "reasoning":
                reasoning_id = item["id"]
            elif reasoning_id:
                self._reasoning_before[item["id"]] = reasoning_id
        while len(self._stored) > _MAX_RESPONSES or self._bytes > _MAX_BYTES:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        _, (response, _, size) = self._stored.popitem(last=False)
        self._bytes -= size
        for item in response["output"]:
            del self._items[item["id"]]
            self._reasoning_before.pop(item["id"], None)

    def response(self, response_id: str) -> Json:
        """Return a response. An unknown id raises ApiError (404)."""
        if response_id not in self._stored:
            raise ApiError(404, f"Response with id '{response_id}' not found.")
        return self._stored[response_id][0]

    def item(self, item_id: str) -> Json:
        """Return an output item. An unknown id raises ApiError (404)."""
        if item_id not in self._items:
            raise ApiError(
                404,
                f"Item with id '{item_id}' not found. Items are not persisted when `store` is set "
                "to false. Try again with `store` set to true, or remove this item from your "
                "input.",
                param="input",
            )
        return self._items[item_id]

    def reasoning_before(self, item_id: object) -> str | None:
        """Return the id of the reasoning that led to an output item, if there was any."""
        return self._reasoning_before.get(item_id) if isinstance(item_id, str) else None

    def up_to(self, response_id: str | None) -> list[Json]:
        """Return the conversation that ended in this response. An unknown id raises ApiError."""
        if response_id is None:
            return []
        if response_id not in self._stored:
            raise ApiError(
                400,
                f"Previous response with id '{response_id}' not found.",
                param="previous_response_id",
                code="previous_response_not_found",
            )
        return self._stored[response_id][1]


def checked(items: list[Json], stored: Conversations) -> list[Json]:
    """Return the items, with references to stored ones resolved.

    Ids of messages and calls may be unknown: they may be older than this server.

    Raises:
        ApiError: An item is invalid, or lacks one that it requires (400), or is unknown (404).
    """
    items = [
        stored.item(item["id"]) if item.get("type") == "item_reference" else item for item in items
    ]
    _check_ids(items)
    _check_reasoning(items, stored)
    _check_calls(items)
    return items


def _check_ids(items: list[Json]) -> None:
    ids = set[str]()
    for number, item in enumerate(items):
        item_id, prefix = item.get("id"), ID_PREFIXES.get(_type(item))
        if item_id is None or prefix is None:
            continue
        if not isinstance(item_id, str) or not item_id.startswith(f"{prefix}_"):
            where = f"'input[{number}].id': {str(item_id)[:64]!r}"
            raise _invalid(f"Invalid {where}. Expected an ID that begins with '{prefix}'.")
        if item_id in ids:
            advice = "Remove duplicate items from your input and try again."
            raise _invalid(f"Duplicate item found with id {item_id}. {advice}")
        ids.add(item_id)


def _check_reasoning(items: list[Json], stored: Conversations) -> None:
    """Check that reasoning is followed by its item, and the item preceded by its reasoning."""
    ids = {item.get("id") for item in items}
    for number, item in enumerate(items):
        name = f"Item '{item.get('id')}' of type '{_type(item)}'"
        needed = stored.reasoning_before(item.get("id"))
        if needed and needed not in ids:
            required = f"its required 'reasoning' item: '{needed}'"
            raise _invalid(f"{name} was provided without {required}.")
        if _type(item) != "reasoning":
            continue
        if not item.get("encrypted_content"):
            stored.item(str(item.get("id")))
        following = [each for each in items[number + 1 :] if _type(each) != "reasoning"]
        if not following or not _is_output(following[0]):
            raise _invalid(f"{name} was provided without its required following item.")


def _check_calls(items: list[Json]) -> None:
    """Check that calls have results, results calls, and approvals requests."""
    asked = {item.get("id") for item in items if _type(item) == "mcp_approval_request"}
    for item in items:
        if _type(item) == "mcp_approval_response" and item["approval_request_id"] not in asked:
            raise _invalid(f"No approval request found with id {item['approval_request_id']}.")
    calls = {item.get("call_id") for item in items if _type(item) == "function_call"}
    results = {item.get("call_id") for item in items if _type(item) == "function_call_output"}
    if lost := results - calls:
        raise _invalid(f"No tool call found for function call output with call_id {lost.pop()}.")
    if open_calls := calls - results:
        raise _invalid(f"No tool output found for function call {open_calls.pop()}.")


def _type(item: Json) -> str:
    return str(item.get("type") or "message")


def _is_output(item: Json) -> bool:
    """Whether this is an output item of the model."""
    by_model = item.get("role") == "assistant" if _type(item) == "message" else True
    return by_model and _type(item) in ID_PREFIXES


def _invalid(message: str) -> ApiError:
    return ApiError(400, message, param="input")
