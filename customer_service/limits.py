"""Size limits of a conversation. Bytes are those of its JSON, which is what a payload holds."""

from durable_agents import InvalidInput

from pydantic import JsonValue
from pydantic_core import to_json

MAX_MESSAGE_LENGTH = 2_000
"""Characters of one message."""

MAX_HISTORY_BYTES = 1_000_000
"""A longer history takes no more messages. Queries and the next run's argument carry it, and a
payload holds at most 2 MiB."""

MAX_STORED_HISTORY_BYTES = 1_500_000
"""A history with the answer to its last message."""

MAX_CONTEXT_BYTES = 128_000
"""The part of the conversation that the model is shown. Each model call records it again."""

MAX_KNOWN_UPDATES = 20
"""Answered updates that a conversation recognizes when they are resent."""


def check_text(name: str, text: str) -> None:
    """Check the text of a message.

    Args:
        name: What the error calls it.
        text: The text.

    Raises:
        InvalidInput: It is empty or too long.
    """
    if not text.strip():
        raise InvalidInput(f"{name} is empty: say what you would like to know or have done")
    if len(text) > MAX_MESSAGE_LENGTH:
        limit = f"the limit is {MAX_MESSAGE_LENGTH:,}"
        raise InvalidInput(f"{name} is {len(text):,} characters: {limit}")


def last_turns_within(
    max_bytes: int, items: list[dict[str, JsonValue]]
) -> list[dict[str, JsonValue]]:
    """Return the last turns, whole ones, as many as fit into `max_bytes`."""
    starts = [n for n, item in enumerate(items) if item.get("role") == "user"]
    for start in starts:
        if len(to_json(items[start:])) <= max_bytes:
            return items[start:]
    return []
