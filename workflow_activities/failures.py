"""Failures as they are recorded and reported: a type and a bounded message."""

from durable_agents import root_cause

from temporalio.exceptions import ApplicationError

from workflow_activities.limits import MAX_ERROR_LENGTH


def failure_of(error: BaseException) -> ApplicationError:
    """Return the root cause of a failed agent run or activity, as an error for the caller."""
    cause = root_cause(error)
    message = cause.message[:MAX_ERROR_LENGTH]
    return ApplicationError(message, type=cause.type[:100], non_retryable=True)
