"""What the service says when it cannot do what it is asked: a status, a name, one sentence."""

from typing import ClassVar

from fastapi import status
from pydantic import BaseModel, Field

from goal_agent.models import MAX_QUEUED


class Problem(BaseModel):
    """Why a request was not served."""

    error: str = Field(description="What kind of problem it is, for programs")
    message: str = Field(description="What it is, and what to do, for people")


class ServiceError(Exception):
    """A problem with its HTTP status; each kind is a class below."""

    status: ClassVar[int]

    @property
    def problem(self) -> Problem:
        """What the caller is told."""
        return Problem(error=type(self).__name__, message=str(self))


class CrossSite(ServiceError):
    """A page of another site had the user's browser send this."""

    status = status.HTTP_403_FORBIDDEN


class UnknownGoal(ServiceError):
    """The registry has no such goal."""

    status = status.HTTP_404_NOT_FOUND


class UnknownConversation(ServiceError):
    """There is no such conversation, or the server has forgotten it."""

    status = status.HTTP_404_NOT_FOUND

    def __init__(self) -> None:
        """Say so, whatever the id was: what belongs to others looks the same as nothing."""
        super().__init__("There is no such conversation. Start a new one.")


class ConversationEnded(ServiceError):
    """Nobody listens any more."""

    status = status.HTTP_409_CONFLICT

    def __init__(self) -> None:
        """Say so."""
        super().__init__("This conversation has ended. Start a new one.")


class StepNotWaiting(ServiceError):
    """The step has been decided, has been replaced, or never was."""

    status = status.HTTP_409_CONFLICT


class InvalidPrompt(ServiceError):
    """The agent cannot take this text."""

    status = status.HTTP_422_UNPROCESSABLE_CONTENT


class TooManyPrompts(ServiceError):
    """Too many unprocessed prompts."""

    status = status.HTTP_429_TOO_MANY_REQUESTS

    def __init__(self) -> None:
        super().__init__(
            f"The agent is busy and {MAX_QUEUED} messages are queued. Send this one again later."
        )


class Unavailable(ServiceError):
    """Temporal, or every worker, is away: what became of the request is not known."""

    status = status.HTTP_503_SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        """Say so."""
        super().__init__(
            "The service does not answer right now. Look at the conversation before you try again."
        )
