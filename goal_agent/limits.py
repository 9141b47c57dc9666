"""Size limits. Bytes are counted as JSON encodes them: a control character takes six."""

from durable_agents import encoded_size
from durable_agents.redaction import well_formed

MAX_PROMPT = 2000
"""Characters of a prompt."""

MAX_QUEUED = 20
"""Prompts in the queue of a conversation."""

MAX_TEXT = 4000
"""Characters of a message: queries and the next run carry all of them."""

MAX_TEXT_BYTES = 8192
"""Bytes of a message. Four bytes a character are enough for every script."""

MAX_RUN_BYTES = 400_000
"""Bytes of messages that a run adds before it continues as new. The server's limit is 2 MiB."""

MAX_CARRIED_MESSAGES = 20
"""Messages that the next run gets verbatim: flight numbers must survive a summary."""

MAX_DECISIONS = 50
"""Older decisions that the next run gets as well."""

MAX_RECEIPTS = 40
"""Updates of each kind to remember. A client resends a lost one long before it sends 40 more."""

ELLIPSIS = " ..."


def clip(text: str) -> str:
    """Return `text` as valid Unicode of at most `MAX_TEXT` characters and `MAX_TEXT_BYTES` bytes.

    Half of a surrogate pair becomes U+FFFD. A shortened text ends in " ...".
    """
    valid = well_formed(text)
    short = valid[:MAX_TEXT]
    while (size := encoded_size(short)) > MAX_TEXT_BYTES:
        short = short[: len(short) * MAX_TEXT_BYTES // size]
    return short if short == valid else f"{short}{ELLIPSIS}"
