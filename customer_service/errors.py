"""Errors of updates. They are non-retryable; clients receive the class name as the type."""

from temporalio.exceptions import ApplicationError


class ConversationError(ApplicationError):
    """Base class of the errors below."""

    def __init__(self, message: str) -> None:
        super().__init__(message, type=type(self).__name__, non_retryable=True)


class NotYourTurn(ConversationError):
    """The sender has not seen the last line of the history, or a turn is in flight."""


class ConversationEnded(ConversationError):
    """The conversation accepts no more messages."""

    def __init__(self) -> None:
        super().__init__("the conversation has ended; start another")


class TurnFailed(ConversationError):
    """The message has no answer and is not kept. The cause says what went wrong."""


class TurnStopped(ConversationError):
    """The turn was stopped before it was answered. The message is not kept."""
