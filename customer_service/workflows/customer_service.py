"""A conversation that survives worker restarts and deployments.

A message is an update: rejected if it does not fit, answered, or failed with nothing kept. A long
conversation continues as new without its clients noticing.
"""

from durable_agents import InvalidInput, require_text

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from customer_service.conversation import Conversation
    from customer_service.errors import ConversationEnded
    from customer_service.limits import MAX_MESSAGE_LENGTH
    from customer_service.models import (
        AgentReply,
        ConversationResult,
        ConversationState,
        ProcessUserMessageInput,
        Status,
    )
    from customer_service.transcript import summarize


@workflow.defn
class CustomerServiceWorkflow:
    """Serves an airline's customer until someone ends the conversation or it is idle too long."""

    @workflow.init
    def __init__(self, state: ConversationState | None = None) -> None:
        """Restore the state: updates may arrive before `run` starts."""
        self._conversation = Conversation(state or ConversationState())
        self._result: ConversationResult | None = None
        self._closed = False

    @workflow.run
    async def run(self, state: ConversationState | None = None) -> ConversationResult:
        """Return the outcome; `state` comes from the run that this one continues, if any."""
        try:
            if await self._conversation.wait_for_end():
                workflow.continue_as_new(self._conversation.state)  # no await before this
            async with self._conversation.turn:
                self._result = await summarize(self._conversation.state)
        except asyncio.CancelledError:
            self._end()
            await self._close()
            raise
        await self._close()
        return self._result

    @workflow.update
    async def process_user_message(self, message: ProcessUserMessageInput) -> list[str]:
        """Answer a message; return the lines that it adds to the history.

        A resend under the same update id returns the same lines. Once a person has been notified,
        messages are kept for that person, and the agents do not answer.

        Raises:
            TurnFailed: There is no answer. The history is as before.
            TurnStopped: The turn was stopped. The history is as before.
        """
        if (lines := self._conversation.find_answer()) is not None:
            return lines
        state, text = self._conversation.state, message.user_input
        if state.context.escalated and state.context.notified:
            items = state.items_with("user", text)
            return self._conversation.add([f"User: {text}"], items)
        return await self._conversation.run_turn(text)

    @process_user_message.validator
    def _check_message(self, message: ProcessUserMessageInput) -> None:
        require_text(message.user_input, "user_input", max_length=MAX_MESSAGE_LENGTH)
        self._conversation.check_is_next(message.chat_length)

    @workflow.update
    async def reply_as_agent(self, reply: AgentReply) -> list[str]:
        """Add a person's answer to an escalated conversation; return its lines."""
        if (lines := self._conversation.find_answer()) is not None:
            return lines
        line, state = f"{reply.name} (a person): {reply.text}", self._conversation.state
        context = state.context.model_copy(update={"notified": True})
        return self._conversation.add([line], state.items_with("assistant", line), context=context)

    @reply_as_agent.validator
    def _check_reply(self, reply: AgentReply) -> None:
        require_text(reply.text, "text", max_length=MAX_MESSAGE_LENGTH)
        self._conversation.check_open()
        if not (self._conversation.state.context.escalated or self._conversation.find_answer()):
            raise InvalidInput("the conversation is not escalated: its agents answer")

    @workflow.update
    async def hand_back(self) -> None:
        """Let the agents answer again; no effect unless the conversation is escalated."""
        state = self._conversation.state
        if state.context.escalated and self._conversation.find_answer() is None:
            context = state.context.model_copy(update={"escalated": False, "notified": False})
            line = f"(A person hands off to {state.agent})"
            self._conversation.add([line], state.items, context=context)

    @hand_back.validator
    def _check_hand_back(self) -> None:
        self._conversation.check_open()

    @workflow.update
    async def stop_turn(self) -> bool:
        """Stop the turn in flight: its sender gets `TurnStopped`. Return whether there was one."""
        return self._conversation.stop_turn()

    @workflow.update
    async def end_conversation(self) -> ConversationResult:
        """Stop the turn in flight, and end the conversation; return its outcome."""
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
        """Return the current agent, and what it is doing."""
        state, hooks = self._conversation.state, self._conversation.hooks
        return Status(
            agent=hooks.agent or state.agent,
            doing=hooks.doing,
            chat_length=len(state.history),
            escalated=state.context.escalated,
            ended=self._conversation.ending,
        )

    def _end(self) -> None:
        self._conversation.ending = True
        self._conversation.stop_turn()

    async def _close(self) -> None:
        self._closed = True
        await workflow.wait_condition(workflow.all_handlers_finished)
