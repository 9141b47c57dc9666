"""Checks that the items of an input belong together, as the real API does."""

from offline_model.api_errors import ApiError
from offline_model.conversations import Conversations
from offline_model.json_text import Json

# What the ids of each type of item start with.
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


def checked(items: list[Json], conversations: Conversations) -> list[Json]:
    """Return the items, with references to stored ones resolved.

    The ids of messages and calls may be unknown: they may be from before a restart of this server.

    Raises:
        ApiError: An item lacks another one that it belongs to (400), or is unknown (404).
    """
    items = [
        conversations.item(item["id"]) if item.get("type") == "item_reference" else item
        for item in items
    ]
    _check_ids(items)
    _check_reasoning(items, conversations)
    _check_calls(items)
    return items


def _check_ids(items: list[Json]) -> None:
    seen = set[str]()
    for number, item in enumerate(items):
        item_id, prefix = item.get("id"), ID_PREFIXES.get(_type(item))
        if item_id is None or prefix is None:
            continue
        if not isinstance(item_id, str) or not item_id.startswith(f"{prefix}_"):
            where = f"'input[{number}].id': {str(item_id)[:64]!r}"
            raise _refused(f"Invalid {where}. Expected an ID that begins with '{prefix}'.")
        if item_id in seen:
            advice = "Remove duplicate items from your input and try again."
            raise _refused(f"Duplicate item found with id {item_id}. {advice}")
        seen.add(item_id)


def _check_reasoning(items: list[Json], conversations: Conversations) -> None:
    """Check that reasoning comes with the item that it led to, and the item with its reasoning."""
    ids = {item.get("id") for item in items}
    for number, item in enumerate(items):
        name = f"Item '{item.get('id')}' of type '{_type(item)}'"
        needed = conversations.reasoning_before(item.get("id"))
        if needed and needed not in ids:
            lack = f"its required 'reasoning' item: '{needed}'"
            raise _refused(f"{name} was provided without {lack}.")
        if _type(item) != "reasoning":
            continue
        if not item.get("encrypted_content"):
            conversations.item(str(item.get("id")))
        following = [each for each in items[number + 1 :] if _type(each) != "reasoning"]
        if not following or not _is_output(following[0]):
            raise _refused(f"{name} was provided without its required following item.")


def _check_calls(items: list[Json]) -> None:
    """Check that calls come with results, and approvals with the requests that they answer."""
    asked = {item.get("id") for item in items if _type(item) == "mcp_approval_request"}
    for item in items:
        if _type(item) == "mcp_approval_response" and item["approval_request_id"] not in asked:
            raise _refused(f"No approval request found with id {item['approval_request_id']}.")
    calls = {item.get("call_id") for item in items if _type(item) == "function_call"}
    results = {item.get("call_id") for item in items if _type(item) == "function_call_output"}
    if lost := results - calls:
        raise _refused(f"No tool call found for function call output with call_id {lost.pop()}.")
    if open_calls := calls - results:
        raise _refused(f"No tool output found for function call {open_calls.pop()}.")


def _type(item: Json) -> str:
    return str(item.get("type") or "message")


def _is_output(item: Json) -> bool:
    """Whether the model made this item."""
    by_model = item.get("role") == "assistant" if _type(item) == "message" else True
    return by_model and _type(item) in ID_PREFIXES


def _refused(message: str) -> ApiError:
    return ApiError(400, message, param="input")
