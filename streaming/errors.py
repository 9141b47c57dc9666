"""Errors of messages to a chat. Clients receive the class name as the type."""

from durable_agents.messages import Rejected


class ChatEnded(Rejected):
    """The chat accepts no more messages."""

    def __init__(self) -> None:
        super().__init__("the chat has ended: start another one")


class ChatBusy(Rejected):
    """Too many messages are pending. Resend the message later, under the same update id."""

    def __init__(self, pending: int) -> None:
        messages = "1 message is" if pending == 1 else f"{pending} messages are"
        super().__init__(f"{messages} waiting for an answer; resend this one later")


class TurnFailed(Rejected):
    """There is no answer. The chat is as before the message."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the message was not answered: {reason}")
