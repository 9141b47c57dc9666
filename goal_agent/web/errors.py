"""Errors of the service: each kind has a status, and a message for people."""

from enum import Enum

from pydantic import BaseModel, Field

RETRY_AFTER = {"Retry-After": "2"}  # seconds


class Problem(BaseModel):
    """The body of an error response."""

    error: str = Field(description="The kind of error, for programs")
    message: str = Field(description="What is wrong and what to do, for people")


class Kind(Enum):
    """The kinds of errors: status and default message."""

    UnknownGoal = 404, "There is no such goal."
    UnknownConversation = 404, "There is no such conversation. Start a new one."
    ConversationEnded = 409, "This conversation has ended. Start a new one."
    StepNotWaiting = 409, "The step is not waiting for confirmation."
    InvalidInput = 422, "The request does not match its schema."
    TooManyPrompts = 429, "Too many messages are queued. Try again later."
    Unavailable = 503, "The service is not responding. Check the conversation before you try again."


class ServiceError(Exception):
    """A request that was not served.

    Args:
        kind: The kind. After `Unavailable`, the outcome of the request is unknown.
        message: A message for people, in place of the kind's.
    """

    def __init__(self, kind: Kind, message: str | None = None) -> None:
        self.kind = kind
        self.status, default = kind.value
        super().__init__(message or default)
