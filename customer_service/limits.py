"""Size limits of a conversation. Bytes are those of the JSON encoding, as stored in a payload."""

MAX_MESSAGE_LENGTH = 2_000  # characters
MAX_SUMMARY_LENGTH = 2_000  # characters
MAX_KNOWN_UPDATES = 20  # handled updates that are recognized when they are resent

# Queries and the next run's argument carry the whole history, and a payload holds at most 2 MiB.
MAX_HISTORY_BYTES = 1_000_000  # new messages are rejected above this
MAX_STORED_HISTORY_BYTES = 1_500_000  # including the answer to the last message

MAX_CONTEXT_BYTES = 128_000  # shown to the model; each model call records it again
