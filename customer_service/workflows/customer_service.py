"""A conversation that survives worker restarts and deployments.

A message is an update: rejected if it does not fit, answered, or failed with nothing kept. A long
conversation continues as new without its clients noticing.
"""

from durable_agents import InvalidInput, encoded_size, require_text
from durable_agents.deadlines import IdleTimer

import asyncio
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from customer_service.errors import ConversationEnded, NotYourTurn, TurnFailed, TurnStopped
    from customer_service.escalation import is_marked, mark
    from customer_service.limits import MAX_HISTORY_BYTES, MAX_MESSAGE_LENGTH
    from customer_service.models import (
        AgentReply,
        ConversationResult,
        ConversationState,
        ProcessUserMessageInput,
        Status,
    )
    from customer_service.transcript import summarize
    from customer_service.turn import Turn

IDLE_TIMEOUT = timedelta(minutes=30)
ESCALATED_IDLE_TIMEOUT = timedelta(days=7)


@workflow.defn
class CustomerServiceWorkflow:
    """Serves an airline's customer until someone ends the conversation or it is idle too long."""

    @workflow.init
    def __init__(self, state: ConversationState | None = None) -> None:
        """Restore the state: updates may arrive before `run` starts."""
        self._state = state or ConversationState()
        self._turn: Turn | None = None  # in flight
        self._additions = 0  # in this run
        self._idle_timer = IdleTimer()
        self._ending = self._closed = False
        self._result: ConversationResult | None = None

    @workflow.run
    async def run(self, state: ConversationState | None = None) -> ConversationResult:
        """Return the outcome; `state` comes from the run that this one continues, if any."""
        try:
            if await self._wait_for_end():
                workflow.continue_as_new(self._state)  # no await before this
            await workflow.wait_condition(lambda: not self._turn)
            self._result = await summarize(self._state)
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
        if (lines := self._state.find_answer()) is not None:
            return lines
        state, text = self._state, message.user_input
        if state.context.escalated and state.context.notified:
            return self._add(state.with_turn([f"User: {text}"], state.items_with("user", text)))
        return await self._answer(text)

    @process_user_message.validator
    def _check_message(self, message: ProcessUserMessageInput) -> None:
        require_text(message.user_input, "user_input", max_length=MAX_MESSAGE_LENGTH)
        seen, length = message.chat_length, len(self._state.history)
        if self._accepts_line() and seen != length:
            raise NotYourTurn(f"chat_length is {seen}; the conversation has {length} lines")

    @workflow.update
    async def reply_as_agent(self, reply: AgentReply) -> list[str]:
        """Add a person's answer to an escalated conversation; return its lines."""
        if (lines := self._state.find_answer()) is not None:
            return lines
        line, state = f"{reply.name} (a person): {reply.text}", self._state
        context = state.context.model_copy(update={"notified": True})
        return self._add(
            state.with_turn([line], state.items_with("assistant", line), context=context)
        )

    @reply_as_agent.validator
    def _check_reply(self, reply: AgentReply) -> None:
        require_text(reply.text, "text", max_length=MAX_MESSAGE_LENGTH)
        if self._accepts_line() and not self._state.context.escalated:
            raise InvalidInput("the conversation is not escalated: its agents answer")

    @workflow.update
    async def hand_back(self) -> None:
        """Let the agents answer again; no effect unless the conversation is escalated."""
        state = self._state
        if state.context.escalated and state.find_answer() is None:
            context = state.context.model_copy(update={"escalated": False, "notified": False})
            line = f"(A person hands off to {state.agent})"
            self._add(state.with_turn([line], state.items, context=context))

    @hand_back.validator
    def _check_hand_back(self) -> None:
        self._accepts_line()

    @workflow.update
    async def stop_turn(self) -> bool:
        """Stop the turn in flight: its sender gets `TurnStopped`. Return whether there was one."""
        return self._turn is not None and self._turn.stop()

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
        return self._state.history

    @workflow.query
    def get_status(self) -> Status:
        """Return the current agent, and what it is doing."""
        return Status(
            agent=self._turn.agent if self._turn else self._state.agent,
            doing=self._turn.doing if self._turn else "",
            escalated=self._state.context.escalated,
            ended=self._ending,
        )

    def _accepts_line(self) -> bool:
        """Return whether the update may add a line; False if it is a resend, whose line is there.

        Raises:
            ApplicationError: The conversation has ended, is too long, or answers another message.
        """
        if self._state.find_answer() is not None:
            return False
        if self._ending:
            raise ConversationEnded
        if self._turn:
            raise NotYourTurn("another message is being answered: read its answer first")
        if encoded_size(self._state.history) > MAX_HISTORY_BYTES:
            raise InvalidInput("the conversation is too long: end it, and start another")
        return True

    def _add(self, state: ConversationState) -> list[str]:
        """Replace the state by one with more lines, and return these."""
        with self._idle_timer.busy():  # restarts idle time
            lines = state.history[len(self._state.history) :]
            self._state = state
            self._additions += 1
            return lines

    async def _answer(self, text: str) -> list[str]:
        """Answer a message, and return the lines it adds; if it fails, keep nothing of it."""
        turn = self._turn = Turn(self._state, text)
        try:
            with self._idle_timer.busy():
                return self._add(await turn.answer())
        except workflow.NondeterminismError:
            raise
        except (Exception, asyncio.CancelledError) as error:
            # A failed turn does not undo that a person was notified.
            self._state = self._state.model_copy(update={"context": turn.escalated_context()})
            if turn.stopped:
                raise TurnStopped("the turn was stopped; the message is not kept") from None
            if isinstance(error, asyncio.CancelledError):  # the worker evicts this run
                raise
            raise TurnFailed("there is no answer; the message is not kept") from error
        finally:
            self._turn = None

    async def _wait_for_end(self) -> bool:
        """Wait until the conversation is ending; return whether to continue as new instead.

        If so, all handlers have finished: a pending one would never answer its caller.
        """
        marked = is_marked()
        while not self._ending:
            if self._state.context.escalated != marked:
                marked = not marked
                marking = mark(lambda: self._state.context.escalated)
                self._marking = asyncio.create_task(marking)
            if self._is_full():
                await workflow.wait_condition(
                    lambda: self._ending or workflow.all_handlers_finished()
                )
                return not self._ending
            await self._wait_for_change(marked)
        return False

    async def _wait_for_change(self, escalated: bool) -> None:
        """Wait until the run is full, or is no longer `escalated`; end it on idle timeout."""
        if not await self._idle_timer.wait(
            lambda: self._ending or self._is_full() or self._state.context.escalated != escalated,
            ESCALATED_IDLE_TIMEOUT if escalated else IDLE_TIMEOUT,
        ):
            self._ending = True

    def _is_full(self) -> bool:
        is_long = self._additions >= self._state.turns_per_run
        return is_long or workflow.info().is_continue_as_new_suggested()

    def _end(self) -> None:
        self._ending = True
        if self._turn:
            self._turn.stop()

    async def _close(self) -> None:
        self._closed = True
        await workflow.wait_condition(workflow.all_handlers_finished)
