"""What went wrong, without what Temporal and the agents plugin have wrapped around it."""

from typing import NamedTuple

from temporalio.exceptions import ApplicationError, TemporalError


class Cause(NamedTuple):
    """The name of an error's type, and its message."""

    type: str
    message: str

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


def root_cause(error: BaseException) -> Cause:
    """Return the error at the root: the one that an activity, workflow or agent run raised.

    An error that came from another process has the type that it had there. What the Agents SDK
    raises is the root, too: it says more than the parsing error that may be behind it.
    """
    while isinstance(error, TemporalError) and error.__cause__:
        error = error.__cause__
    if isinstance(error, ApplicationError):
        return Cause(error.type or type(error).__name__, error.message)
    return Cause(type(error).__name__, str(error))
