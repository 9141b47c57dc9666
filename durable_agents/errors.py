"""Typed errors, and the root cause of an error that Temporal and the plugins have wrapped."""

from typing import NamedTuple

from agents import AgentsException
from pydantic import ValidationError
from temporalio.exceptions import ApplicationError, FailureError, TemporalError
from temporalio.openai_agents import AgentsWorkflowError

UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the Agents SDK raises for a model response that it cannot read."""

RUN_ERRORS = (AgentsException, AgentsWorkflowError, FailureError, *UNREADABLE)
"""The exceptions that a failed agent run raises in workflow code. Catch them if the workflow
continues after a failed run, but re-raise cancellations: `is_cancelled_exception(error)`."""


class SettingsError(Exception):
    """A setting is invalid. The message names it and never repeats a secret."""


class InvalidInput(ApplicationError):
    """Invalid input. Non-retryable; fails the workflow, update, or activity that received it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, type=InvalidInput.__name__, non_retryable=True)


class TooLarge(ApplicationError):
    """A value exceeds what Temporal can carry. Non-retryable; sizes are in bytes, as encoded."""

    def __init__(self, what: str, size: int, limit: int) -> None:
        message = f"{what} is {size:,} bytes; the limit is {limit:,}"
        super().__init__(message, type=TooLarge.__name__, non_retryable=True)


class Cause(NamedTuple):
    """The name of an error's type, and its message."""

    type: str
    message: str

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


def root_cause(error: BaseException) -> Cause:
    """Return the error that an activity, workflow, or agent run raised, without its wrappers.

    An error from another process keeps the type name that it had there. An exception of the Agents
    SDK counts as a root: it says more than the parsing error that may have caused it.
    """
    while isinstance(error, TemporalError) and error.__cause__:
        error = error.__cause__
    if isinstance(error, ApplicationError):
        return Cause(error.type or type(error).__name__, error.message)
    return Cause(type(error).__name__, str(error))


def require_text(text: str, name: str, *, max_length: int | None = None) -> None:
    """Raise InvalidInput if `text` is blank or longer than `max_length` characters.

    The message calls the text `name`, such as the name of the argument.
    """
    if not text.strip():
        raise InvalidInput(f"{name} is empty")
    if max_length is not None and len(text) > max_length:
        raise InvalidInput(f"{name} is {len(text):,} characters; the limit is {max_length:,}")


def describe_validation_error(error: ValidationError, name: str) -> str:
    """Return in one line what is wrong with `name`, without its values: they may hold a secret."""
    problems = error.errors(include_url=False, include_input=False)
    return "; ".join(
        ".".join([name, *map(str, problem["loc"])]) + f": {problem['msg']}" for problem in problems
    )
