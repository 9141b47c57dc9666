"""JSON bodies, and the text in them."""

from typing import Any

from aiohttp import web

from offline_model.api_errors import ApiError

Json = dict[str, Any]

# What the `model` field of each answer says, whatever model was asked for.
MODEL = "offline-stand-in"


MAX_BODY_BYTES = 64 * 1024 * 1024
_MAX_DEPTH = 100


async def json_object(request: web.Request) -> Json:
    """Return the JSON object in the body of a request.

    Raises:
        ApiError: It is not one, or is nested too deep (400).
    """
    try:
        body = await request.json()
    except (
        ValueError,
        RecursionError,
        LookupError,
    ) as error:  # an unknown charset is a LookupError
        raise ApiError(400, f"The body of the request is not valid JSON: {error}") from error
    if not isinstance(body, dict):
        raise ApiError(400, "The body of the request must be a JSON object.")
    level: list[Any] = [body]
    for _ in range(_MAX_DEPTH):
        level = [
            part
            for whole in level
            if isinstance(whole, dict | list)
            for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
    if level:
        raise ApiError(400, f"The body of the request is nested more than {_MAX_DEPTH} deep.")
    return body


def text_of(content: object) -> str:
    """Return the text of a message's or a tool result's content: a string, or a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))
