"""A conversation that lives as long as the customer does, whoever restarts what meanwhile.

A message is an update: it is rejected where it does not fit, else answered, or fails and leaves
nothing behind. A long conversation continues as a new run, which its clients do not notice.
"""

import asyncio

from temporalio import workflow

from customer_service.loop import Loop
from customer_service.summary import summary_of
from customer_service.turns import TurnRunner

with workflow.unsafe.imports_passed_through():
    from customer_service.conversation import Conversation
    from customer_service.errors import ConversationEnded
    from customer_service.limits import check_text
    from customer_service.models import (
        AgentReply,
        ConversationResult,
        ConversationState,
        ProcessUserMessageInput,
        Status,
    )


@workflow.defn
class CustomerServiceWorkflow:
    """Talks with a customer of an airline until someone ends it, or nobody says anything more."""

    @workflow.init
    def __init__(self, state: ConversationState | None = None) -> None:
        """Continue from `state`: updates may arrive before `run` starts."""
        self._conversation = Conversation(state or ConversationState())
        self._turns = TurnRunner(self._conversation)
        self._result: ConversationResult | None = None
        self._closed = False

    @workflow.run
    async def run(self, state: ConversationState | None = None) -> ConversationResult:
        """Return what the conversation came to; `state` is that of the run that this continues."""
        try:
            if await Loop(self._conversation, self._turns).run():
                workflow.continue_as_new(self._conversation.state)  # no await before this
            async with self._conversation.turn:
                self._result = await summary_of(self._conversation.state, self._turns.hooks)
        except asyncio.CancelledError:
            self._end()
            await self._close()
            raise
        await self._close()
        return self._result

    @workflow.update
    async def process_user_message(self, message: ProcessUserMessageInput) -> list[str]:
        """Answer a message; return the lines that it adds to the history.

        A message that is resent under the same update id is not answered again. Once a person has
        been called, the message is kept for them, and the agents are silent.

        Raises:
            TurnFailed: There is no answer. The history is as before.
            TurnStopped: The turn was stopped. The history is as before.
        """
        known = self._conversation.find_answer()
        if known is not None:
            return known
        if self._conversation.state.context.with_person:
            return self._conversation.add_message(message.user_input)
        return await self._turns.run(message.user_input)

    @process_user_message.validator
    def _check_message(self, message: ProcessUserMessageInput) -> None:
        check_text("user_input", message.user_input)
        self._conversation.check_is_next(message.chat_length)

    @workflow.update
    async def reply_as_agent(self, reply: AgentReply) -> list[str]:
        """Add a person's answer to an escalated conversation; return its lines."""
        known = self._conversation.find_answer()
        return self._conversation.add_reply(reply.name, reply.text) if known is None else known

    @reply_as_agent.validator
    def _check_reply(self, reply: AgentReply) -> None:
        check_text("text", reply.text)
        self._conversation.check_escalated()

    @workflow.update
    async def hand_back(self) -> None:
        """Have the agents answer again; a conversation that is not escalated stays as it is."""
        if self._conversation.find_answer() is None:
            self._conversation.hand_back()

    @hand_back.validator
    def _check_hand_back(self) -> None:
        self._conversation.check_open()

    @workflow.update
    async def stop_turn(self) -> bool:
        """Stop the turn in flight, if there is one: its sender gets `TurnStopped`."""
        return self._turns.stop()

    @workflow.update
    async def end_conversation(self) -> ConversationResult:
        """End the conversation, and stop the turn in flight; return what it came to."""
        self._end()
        await workflow.wait_condition(lambda: self._closed)
        if not self._result:
            raise ConversationEnded
        return self._result

    @workflow.query
    def get_chat_history(self) -> list[str]:
        """Return all lines so far."""
        return self._conversation.state.history

    @workflow.query
    def get_status(self) -> Status:
        """Return who is doing what."""
        return self._turns.hooks.status(self._conversation)

    def _end(self) -> None:
        self._conversation.ending = True
        self._turns.stop()

    async def _close(self) -> None:
        self._closed = True
        await workflow.wait_condition(workflow.all_handlers_finished)
