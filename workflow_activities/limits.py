"""How long things may be, may take, and are tried again."""

from datetime import timedelta

from temporalio.common import RetryPolicy

LONGEST_MESSAGE = 4_000  # characters
LONGEST_REPLY = 4_000  # tokens
LONGEST_ERROR = 500  # characters, of what is recorded of a failed turn
REMEMBERED = 20  # turns that the model is shown: each call holds them all
EVENTS = 100  # that get_events tells, the last ones
REPLIES = 10  # that are known by the id of their update, for a client that sends again
BATCH = 3  # turns
TURNS_A_RUN = 100  # after which the conversation continues in a new run, with a new history
IDLE = timedelta(hours=1)  # without a message, after which the conversation ends

# Tried until the database is back, and soon after that: nothing is lost. A worker that dies in
# the middle is noticed when the attempt's time is up.
RECORD_TIMEOUT = timedelta(seconds=10)
RECORD_RETRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=30),
)

# Nobody is helped by an old notification: a few attempts, and its failure is recorded.
NOTIFICATION_TIMEOUT = timedelta(seconds=20)
NOTIFICATION_RETRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3)
