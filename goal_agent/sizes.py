"""Size limits. Text counts as it is encoded: JSON writes a control character as six bytes."""

from pydantic_core import to_json

MAX_TEXT = 4000
"""Characters of a message, whoever wrote it: queries and the next run carry all of them."""

MAX_TEXT_BYTES = 8192
"""Bytes of a message as JSON. Four bytes a character are enough for every script."""

MAX_ARGS_BYTES = 4000
"""Bytes of a step's arguments as JSON: they are shown, recorded, and carried to the next run."""

MAX_RUN_BYTES = 400_000
"""Bytes of messages that a run adds before it continues as new. The server's limit is 2 MiB."""

MAX_START_BYTES = 256_000
"""Bytes of what a client may start a conversation with."""


def encoded_size(value: object) -> int:
    """Return the size of a value as JSON, in bytes.

    Raises:
        ValueError: It is not valid Unicode.
    """
    return len(to_json(value))


def clip(text: str) -> str:
    """Return a text as valid Unicode of at most `MAX_TEXT` characters and `MAX_TEXT_BYTES` bytes.

    Half of a surrogate pair becomes U+FFFD. A text that was cut ends in " ...".
    """
    valid = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    short = valid[:MAX_TEXT]
    while (size := encoded_size(short)) > MAX_TEXT_BYTES:
        short = short[: len(short) * MAX_TEXT_BYTES // size]
    return short if short == valid else f"{short} ..."
