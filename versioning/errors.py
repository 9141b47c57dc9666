"""Errors of updates. Clients receive the class name as the type, and the docstring."""

from durable_agents.handles import UPDATE_LOST_TO_CLOSE
from durable_agents.messages import Rejected


class ChatEnded(Rejected):
    """The chat has ended. Start another one."""


class TooManyMessages(Rejected):
    """Several messages are waiting for an answer already. Try again later."""


class TurnFailed(Rejected):
    """There is no answer, and the message is not in the history. Send it again."""


class RunIsOver(Rejected):
    """The chat continues as new. `update_reliably` resends the message, and the next run answers.

    It has the type that the server gives the updates that a closing run leaves behind.
    """

    def __init__(self) -> None:
        message = "The chat continues in a new run. Send the message again, under the same id."
        super().__init__(message, UPDATE_LOST_TO_CLOSE)
