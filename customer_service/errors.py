"""Why a conversation rejects an update, or a turn has no answer."""

from temporalio.exceptions import ApplicationError


class NotYourTurn(ApplicationError):
    """The message does not follow the last line of the history: read that, and send again."""

    def __init__(self, message: str) -> None:
        """Say in `message` how long the history is, or that a turn is in flight."""
        super().__init__(message, type=NotYourTurn.__name__, non_retryable=True)


class ConversationEnded(ApplicationError):
    """The conversation takes no more messages."""

    def __init__(self) -> None:
        """Suggest a new conversation."""
        super().__init__(
            "the conversation has ended: begin another",
            type=ConversationEnded.__name__,
            non_retryable=True,
        )


class TurnFailed(ApplicationError):
    """A message got no answer, and is not kept. The cause says what went wrong."""

    def __init__(self) -> None:
        """Report that the message is not kept."""
        super().__init__(
            "there is no answer, and the message is not kept",
            type=TurnFailed.__name__,
            non_retryable=True,
        )


class TurnStopped(ApplicationError):
    """A message got no answer because its turn was stopped, and is not kept."""

    def __init__(self) -> None:
        """Report that the message is not kept."""
        super().__init__(
            "the turn was stopped, and the message is not kept",
            type=TurnStopped.__name__,
            non_retryable=True,
        )
