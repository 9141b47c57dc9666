"""JSON objects, and the text in them."""

import json
from typing import Any

from starlette.responses import JSONResponse

from offline_model.api_errors import ApiError

Json = dict[str, Any]

# The `model` field of every answer, whichever model was requested.
MODEL = "offline-model"

_MAX_DEPTH = 100


class AsciiJSONResponse(JSONResponse):
    """JSON in ASCII: requests may contain lone surrogates, which UTF-8 cannot encode."""

    def render(self, content: object) -> bytes:
        """Return the body."""
        return json.dumps(content).encode()


def json_object(body: bytes) -> Json:
    """Parse the body of a request.

    Raises:
        ApiError: It is not a JSON object, or is nested more than 100 levels deep (400).
    """
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, f"The request body is not valid JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ApiError(400, "The request body is not a JSON object.")
    level: list[Any] = [parsed]
    for _ in range(_MAX_DEPTH):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    if level:
        raise ApiError(400, f"The request body is nested deeper than {_MAX_DEPTH} levels.")
    return parsed


def text_of(content: object) -> str:
    """Return the text of a message or tool result: a string, or a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))
