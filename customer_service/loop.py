"""Waits for what happens in a conversation, until it ends or continues as a new run."""

from datetime import timedelta

from temporalio import workflow

from customer_service.escalation import Mark
from customer_service.turns import TurnRunner

with workflow.unsafe.imports_passed_through():
    from customer_service.conversation import Conversation

IDLE_TIMEOUT = timedelta(minutes=30)
ESCALATED_IDLE_TIMEOUT = timedelta(days=7)


class Loop:
    """Ends a conversation that is idle, marks one that needs a person, and limits each run."""

    def __init__(self, conversation: Conversation, turns: TurnRunner) -> None:
        """Watch a conversation and its turns."""
        self._conversation = conversation
        self._turns = turns

    async def run(self) -> bool:
        """Return whether the conversation continues as a new run; if not, it is ending.

        If it continues, all handlers have finished: one that has not would never answer its caller.
        """
        conversation, mark = self._conversation, Mark()
        while not conversation.ending:
            mark.update(conversation.state.context.escalated)
            if not self._run_is_full():
                await self._next_event()
                continue
            await workflow.wait_condition(
                lambda: conversation.ending or workflow.all_handlers_finished()
            )
            if not conversation.ending:
                return True
        return False

    async def _next_event(self) -> None:
        """Wait until something happens; end the conversation if nothing does for too long."""
        conversation, known = self._conversation, self._activity()
        escalated = conversation.state.context.escalated
        idle_timeout = ESCALATED_IDLE_TIMEOUT if escalated else IDLE_TIMEOUT
        try:
            await workflow.wait_condition(
                lambda: conversation.ending or self._activity() != known,
                timeout=None if conversation.turn.locked() else idle_timeout,
            )
        except TimeoutError:
            conversation.ending = True

    def _activity(self) -> tuple[int, int, bool]:
        conversation = self._conversation
        return self._turns.count, conversation.additions, conversation.turn.locked()

    def _run_is_full(self) -> bool:
        full = self._conversation.additions >= self._conversation.state.turns_per_run
        return full or workflow.info().is_continue_as_new_suggested()
