"""Limits of a chat. Bytes are those of the JSON encoding, as stored in a payload."""

from datetime import timedelta

IDLE_TIMEOUT = timedelta(days=1)
SUMMARY_TIMEOUT = timedelta(minutes=1)

MAX_MESSAGE_LENGTH = 4_000  # characters
MAX_SUMMARY_LENGTH = 1_000  # characters
MAX_PENDING = 6  # messages, including the one in its turn; the server allows 10 updates in flight
MAX_KNOWN_ANSWERS = 20  # messages that are recognized when they are resent

MAX_TURN_BYTES = 50_000  # a message, its tool calls, and its answer
MAX_HISTORY_BYTES = 128_000  # each model call records the whole history again
