"""The responses given so far, so that a request can continue from one, or refer to its items."""

from collections import OrderedDict
from dataclasses import dataclass

from offline_model.api_errors import ApiError
from offline_model.json_text import Json

_KEPT = 1_000
_MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class _Stored:
    response: Json
    conversation: list[Json]
    size: int


class Conversations:
    """Remembers the last responses, each with the whole conversation that it ended."""

    def __init__(self) -> None:
        self._stored: OrderedDict[str, _Stored] = OrderedDict()
        self._bytes = 0
        self._items: dict[str, Json] = {}
        self._reasoning_before: dict[str, str] = {}

    def keep(self, response: Json, items: list[Json], size: int) -> None:
        """Remember a response to these items, and forget the oldest beyond the limits."""
        conversation = [*items, *response["output"]]
        self._stored[response["id"]] = _Stored(response, conversation, size)
        self._bytes += size
        reasoning_id: str | None = None
        for item in response["output"]:
            self._items[item["id"]] = item
            if item["type"] == "reasoning":
                reasoning_id = item["id"]
            elif reasoning_id:
                self._reasoning_before[item["id"]] = reasoning_id
        while len(self._stored) > _KEPT or self._bytes > _MAX_BYTES:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        _, oldest = self._stored.popitem(last=False)
        self._bytes -= oldest.size
        for item in oldest.response["output"]:
            del self._items[item["id"]]
            self._reasoning_before.pop(item["id"], None)

    def response(self, response_id: str) -> Json:
        """Return a response.

        Raises:
            ApiError: There is none by this id (404).
        """
        if response_id not in self._stored:
            raise ApiError(404, f"Response with id '{response_id}' not found.")
        return self._stored[response_id].response

    def item(self, item_id: str) -> Json:
        """Return an output item.

        Raises:
            ApiError: There is none by this id (404).
        """
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

    def up_to(self, previous_response_id: str | None) -> list[Json]:
        """Return the conversation that ended in this response; none, without an id.

        Raises:
            ApiError: There is no response by this id (400).
        """
        if previous_response_id is None:
            return []
        if previous_response_id not in self._stored:
            raise ApiError(
                400,
                f"Previous response with id '{previous_response_id}' not found.",
                param="previous_response_id",
                code="previous_response_not_found",
            )
        return self._stored[previous_response_id].conversation
