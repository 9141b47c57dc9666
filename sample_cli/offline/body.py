"""JSON bodies, and the text in them."""

from typing import Any

Json = dict[str, Any]

# What the `model` field of each answer says, whatever model was asked for.
MODEL = "offline-stand-in"


def text_of(content: object) -> str:
    """Return the text of a message's or a tool result's content: a string, or a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))
