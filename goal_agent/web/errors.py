"""Errors of the service: each has a status, a name, and a message."""

from typing import ClassVar

from fastapi import status
from pydantic import BaseModel, Field

from goal_agent.limits import MAX_QUEUED


class Problem(BaseModel):
    """The body of an error response."""

    error: str = Field(description="The kind of error, for programs")
    message: str = Field(description="What is wrong and what to do, for people")


class ServiceError(Exception):
    """A request that was not served. Each subclass is a kind of error."""

    status: ClassVar[int]
    message: ClassVar[str] = ""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class CrossSite(ServiceError):
    """A page of another site sent the request."""

    status = status.HTTP_403_FORBIDDEN
    message = "This request was sent by a page of another site."


class UnknownGoal(ServiceError):
    """The registry has no such goal."""

    status = status.HTTP_404_NOT_FOUND


class UnknownConversation(ServiceError):
    """No such conversation. A workflow of another type gets the same message."""

    status = status.HTTP_404_NOT_FOUND
    message = "There is no such conversation. Start a new one."


class ConversationEnded(ServiceError):
    """The conversation accepts no more requests."""

    status = status.HTTP_409_CONFLICT
    message = "This conversation has ended. Start a new one."


class StepNotWaiting(ServiceError):
    """The step was decided or replaced, or does not exist."""

    status = status.HTTP_409_CONFLICT


class InvalidPrompt(ServiceError):
    """The workflow rejected the text."""

    status = status.HTTP_422_UNPROCESSABLE_CONTENT


class TooManyPrompts(ServiceError):
    """The queue is full."""

    status = status.HTTP_429_TOO_MANY_REQUESTS
    message = f"The agent is busy and {MAX_QUEUED} messages are queued. Resend this one later."


class Unavailable(ServiceError):
    """Temporal or every worker is unavailable. The outcome of the request is unknown."""

    status = status.HTTP_503_SERVICE_UNAVAILABLE
    message = "The service is not responding. Check the conversation before you try again."
