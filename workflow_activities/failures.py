"""What went wrong, in words and with a type, for those who were not there."""

from temporalio.exceptions import ApplicationError

from durable_agents import root_cause
from workflow_activities.limits import LONGEST_ERROR


def failure_of(error: Exception) -> ApplicationError:
    """Return what to tell of an agent run or an activity that failed: the error at its root."""
    cause = root_cause(error)
    return ApplicationError(cause.message[:LONGEST_ERROR], type=cause.type, non_retryable=True)
