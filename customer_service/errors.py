"""Errors of updates. They are non-retryable; clients receive the class name as the type."""

from durable_agents.messages import Rejected


class NotYourTurn(Rejected):
    """The sender has not seen the last line of the history, or a turn is in flight."""


class ConversationEnded(Rejected):
    """The conversation accepts no more messages."""

    def __init__(self) -> None:
        super().__init__("the conversation has ended; start another")


class TurnFailed(Rejected):
    """The message has no answer and is not kept. The cause says what went wrong."""


class TurnStopped(Rejected):
    """The turn was stopped before it was answered. The message is not kept."""
