"""Typed errors, and the root cause beneath what Temporal and the agents plugin wrap around it."""

from typing import NamedTuple

from agents import AgentsException
from pydantic import ValidationError
from temporalio.exceptions import ApplicationError, FailureError, TemporalError
from temporalio.openai_agents import AgentsWorkflowError

RUN_ERRORS = (
    AgentsException,
    AgentsWorkflowError,
    FailureError,
    # The Agents SDK raises these, too, for an answer of the model that it cannot read.
    ArithmeticError,
    RecursionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What a failed agent run raises in workflow code. Catch it where the workflow continues, and let
cancellations pass: `is_cancelled_exception(error)`."""


class InvalidInput(ApplicationError):
    """Invalid input. Non-retryable; fails the workflow, update, or activity that received it.

    Args:
        message: What was wrong, and what would be right.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, type=InvalidInput.__name__, non_retryable=True)


class TooLarge(ApplicationError):
    """A value exceeds what Temporal can carry. Non-retryable; raised where the value is encoded.

    Args:
        what: What was measured.
        size: Its size in bytes, as encoded.
        limit: The limit in bytes.
    """

    def __init__(self, what: str, size: int, limit: int) -> None:
        self.measured = (what, size, limit)
        super().__init__(
            f"{what} is {size:,} bytes; the limit is {limit:,}",
            type=TooLarge.__name__,
            non_retryable=True,
        )


class Cause(NamedTuple):
    """The name of an error's type, and its message."""

    type: str
    message: str

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


def root_cause(error: BaseException) -> Cause:
    """Return the error at the root: the one that an activity, workflow or agent run raised.

    An error that came from another process has the type that it had there. An exception of the
    Agents SDK counts as a root: it says more than the parsing error that may be behind it.
    """
    while isinstance(error, TemporalError) and error.__cause__:
        error = error.__cause__
    if isinstance(error, ApplicationError):
        return Cause(error.type or type(error).__name__, error.message)
    return Cause(type(error).__name__, str(error))


def require_text(text: str, name: str, *, max_length: int | None = None) -> None:
    """Check a text that a person wrote.

    Args:
        text: The text.
        name: What the error calls it, such as the argument's name.
        max_length: The limit in characters; None for no limit but that of a payload.

    Raises:
        InvalidInput: It is blank, or longer than `max_length`.
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
