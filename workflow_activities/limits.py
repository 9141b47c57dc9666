"""Size limits, timeouts, and retry policies."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

MAX_MESSAGE_LENGTH = 4_000  # characters
MAX_REPLY_TOKENS = 4_000  # requested from the model
MAX_REPLY_LENGTH = 16_000  # characters; a longer reply is cut: a server may ignore max_tokens
MAX_ERROR_LENGTH = 500  # characters of the message that is recorded for a failed turn or step
MAX_TYPE_LENGTH = 100  # characters of an error's type
BATCH_SIZE = 3  # turns
TURNS_PER_RUN = 100  # then the workflow continues as new
IDLE_TIMEOUT = timedelta(hours=1)  # without a message, then the conversation ends

# The state passes to the next run as one payload of at most 2 MiB. Each part has a share, in bytes
# of JSON: a character takes up to six.
MAX_CONTEXT_TURNS = 20  # shown to the model; each call records all of them
MAX_CONTEXT_BYTES = 300_000
MAX_ANSWERS = 10  # kept by update id, for clients that resend a message
MAX_ANSWERS_BYTES = 300_000
MAX_EVENTS = 100  # the latest, returned by get_events
MAX_EVENTS_BYTES = 200_000
MAX_PENDING_TURNS = 100  # not yet saved and notified; new messages are rejected at the limit
MAX_PENDING_BYTES = 800_000

# Retried until the database is back. An attempt lost in a crash is retried when it times out.
RECORDS = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=30)),
)
CANCEL_TIMEOUT = timedelta(seconds=30)  # for pending steps, after the conversation is cancelled

# A late notification is useless: after a few attempts its failure is recorded.
NOTIFICATIONS = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=20), retry_policy=RetryPolicy(maximum_attempts=3)
)
