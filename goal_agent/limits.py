"""Size limits. Bytes are counted as JSON encodes them: a control character takes six."""

from durable_agents import InvalidInput, encoded_size, require_text

MAX_PROMPT = 2000
"""Characters of a prompt."""

MAX_QUEUED = 20
"""Prompts in the queue of a conversation."""

MAX_TEXT = 4000
"""Characters of a message: queries and the next run carry all of them."""

MAX_TEXT_BYTES = 8192
"""Bytes of a message. Four bytes a character are enough for every script."""

MAX_ARGS_BYTES = 4000
"""Bytes of a tool call's arguments: they are shown, recorded, and carried to the next run."""

MAX_RUN_BYTES = 400_000
"""Bytes of messages that a run adds before it continues as new. The server's limit is 2 MiB."""

MAX_START_BYTES = 256_000
"""Bytes of a client's start argument."""


def clip(text: str) -> str:
    """Return `text` as valid Unicode of at most `MAX_TEXT` characters and `MAX_TEXT_BYTES` bytes.

    Half of a surrogate pair becomes U+FFFD. A shortened text ends in " ...".
    """
    valid = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    short = valid[:MAX_TEXT]
    while (size := encoded_size(short)) > MAX_TEXT_BYTES:
        short = short[: len(short) * MAX_TEXT_BYTES // size]
    return short if short == valid else f"{short} ..."


def validate_prompt(text: str, name: str = "text") -> None:
    """Check a prompt of the user.

    Raises:
        InvalidInput: It is blank, too long, or not valid Unicode.
    """
    require_text(text, name, max_length=MAX_PROMPT)
    try:
        size = encoded_size(text)
    except ValueError:
        problem = f"{name} is not valid Unicode: half of a surrogate pair is missing"
        raise InvalidInput(problem) from None
    if size > MAX_TEXT_BYTES:
        raise InvalidInput(f"{name} is {size:,} bytes as JSON; the limit is {MAX_TEXT_BYTES:,}")
