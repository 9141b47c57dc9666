"""The responses given so far, so that a request can go on from one by its id."""

from collections import OrderedDict
from dataclasses import dataclass

from sample_cli.offline.body import Json
from sample_cli.offline.errors import ApiError

_KEPT = 1000


@dataclass(frozen=True)
class _Stored:
    response: Json
    conversation: list[Json]


class Conversations:
    """Remembers the last responses, each with the whole conversation that it ended."""

    def __init__(self) -> None:
        self._stored: OrderedDict[str, _Stored] = OrderedDict()

    def keep(self, response: Json, items: list[Json]) -> None:
        """Remember a response to these items, and forget the oldest beyond the limit."""
        self._stored[response["id"]] = _Stored(response, [*items, *response["output"]])
        if len(self._stored) > _KEPT:
            self._stored.popitem(last=False)

    def response(self, response_id: str) -> Json:
        """Return a response.

        Raises:
            ApiError: There is none by this id (404).
        """
        if response_id not in self._stored:
            raise ApiError(404, f"Response with id '{response_id}' not found.")
        return self._stored[response_id].response

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
