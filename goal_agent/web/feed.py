"""The changes of one conversation, for one page."""

from goal_agent.models import ConversationHistory, ConversationStatus
from goal_agent.web.gateway import WorkflowGateway

USERS_TURN = {ConversationStatus.IDLE, ConversationStatus.CONFIRMING}
IDLE_POLLS = 5  # of these, one reads a conversation that waits for its user


class Feed:
    """Reads a conversation; queries its workflow only during a turn, and after a change.

    While it is the user's turn, the conversation changes with its history alone, whose length the
    server knows without a worker. So a page that is left open costs no queries.
    """

    def __init__(self, gateway: WorkflowGateway, conversation_id: str) -> None:
        self._gateway, self._id = gateway, conversation_id
        self._changes = gateway.changes_of(conversation_id)
        self._seen = self._skipped = 0
        self._history: ConversationHistory | None = None
        self._version: str | None = None

    async def latest(self) -> ConversationHistory:
        """Return the conversation; raise ServiceError as `WorkflowGateway.history` does."""
        in_turn = self._history is not None and _is_in_turn(self._history)
        changed = self._seen != self._changes.count
        if self._history and not (in_turn or changed) and self._skipped < IDLE_POLLS - 1:
            self._skipped += 1
            return self._history
        self._seen, self._skipped = self._changes.count, 0
        # The version is read first: a change between the two is then found the next time.
        version = None if in_turn else await self._gateway.version(self._id)
        if self._history is None or version is None or version != self._version:
            self._history = await self._gateway.history(self._id)
        self._version = version
        return self._history


def _is_in_turn(history: ConversationHistory) -> bool:
    return history.queued > 0 or history.activity not in USERS_TURN
