"""Size limits, timeouts, and retry policies."""

from datetime import timedelta

from temporalio.common import RetryPolicy

MAX_MESSAGE_LENGTH = 4_000  # characters
MAX_REPLY_TOKENS = 4_000  # asked of the model
MAX_REPLY_LENGTH = 16_000  # characters; a longer reply is cut, whatever was asked of the model
MAX_ERROR_LENGTH = 500  # characters, of what is recorded of a failed turn or step
MAX_TYPE_LENGTH = 100  # characters, of an error's type
BATCH = 3  # turns
TURNS_A_RUN = 100  # after which the conversation continues in a new run, with a new history
IDLE = timedelta(hours=1)  # without a message, after which the conversation ends

# The state of a conversation passes to its next run as one payload of at most 2 MiB. Each part has
# a share, in bytes of JSON: a character takes up to six.
MAX_CONTEXT_TURNS = 20  # shown to the model: each call records them all
MAX_CONTEXT_BYTES = 300_000
MAX_ANSWERS = 10  # known by the id of their update, for a client that resends a message
MAX_ANSWERS_BYTES = 300_000
MAX_EVENTS = 100  # returned by get_events, the last ones
MAX_EVENTS_BYTES = 200_000
MAX_PENDING_TURNS = 100  # not saved and notified yet; new messages are rejected at the limit
MAX_PENDING_BYTES = 800_000

# Records are retried until the database is back. A worker that dies in the middle is noticed when
# the attempt's time is up.
RECORD_TIMEOUT = timedelta(seconds=10)
RECORD_RETRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=30),
)
CONTINUE_TIMEOUT = timedelta(seconds=10)  # for pending steps, before the next run takes them over
CANCEL_TIMEOUT = timedelta(seconds=30)  # for pending steps, after the conversation is cancelled

# An old notification helps nobody: a few attempts, and its failure is recorded.
NOTIFICATION_TIMEOUT = timedelta(seconds=20)
NOTIFICATION_RETRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3)
