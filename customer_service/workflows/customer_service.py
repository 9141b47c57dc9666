"""A conversation that lives as long as the customer does, whoever restarts what meanwhile.

A message is an update: it is rejected where it does not fit, else answered, or fails and leaves
nothing behind. A long conversation continues as a new run, which its clients do not notice.
"""

import asyncio
from datetime import timedelta
from typing import cast

from agents import AgentsException, Runner, TResponseInputItem
from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.openai_agents import AgentsWorkflowError

from customer_service.specialists import build_agents
from customer_service.summary import summary_of
from customer_service.turns import Doing, lines_of, update_id

with workflow.unsafe.imports_passed_through():
    from customer_service import rules
    from customer_service.models import (
        ConversationResult,
        ConversationState,
        ProcessUserMessageInput,
        Status,
    )

IDLE_AFTER = timedelta(minutes=30)


@workflow.defn
class CustomerServiceWorkflow:
    """Talks with a customer of an airline until someone ends it, or nobody says anything more."""

    def __init__(self) -> None:
        """Know nothing yet: `run` brings the state, and messages may be here before that."""
        self._state = ConversationState()
        self._ready = self._ending = self._over = False
        self._result: ConversationResult | None = None
        self._turn = asyncio.Lock()
        self._answer: asyncio.Task[list[str]] | None = None
        self._turns_in_run = 0
        self._doing = Doing()

    @workflow.run
    async def run(self, state: ConversationState | None = None) -> ConversationResult:
        """Return what the conversation came to; `state` is that of the run that this continues."""
        self._state, self._ready = state or self._state, True
        try:
            while not self._ending:
                await self._next_turn()
            async with self._turn:
                self._result = await summary_of(self._state, self._doing)
        except asyncio.CancelledError:  # whoever waits for an answer is told
            if self._answer:
                self._answer.cancel()
            await self._all_told()
            raise
        await self._all_told()
        return self._result

    @workflow.update
    async def process_user_message(self, message: ProcessUserMessageInput) -> list[str]:
        """Answer a message; return the lines that it adds to the history.

        A message that comes a second time, with the same update id, is not answered again.

        Raises:
            TurnFailed: There is no answer. The history is as before.
            NotYourTurn: The message came before this run knew its state, and does not fit it.
        """
        if not self._ready:
            await workflow.wait_condition(lambda: self._ready)
            self._check(message)
        if known := rules.answer_to(self._state, update_id()):
            return self._state.history[known.start : known.end]
        async with self._turn:
            self._answer = asyncio.create_task(self._answer_to(message.user_input))
            try:
                return await self._answer
            except (AgentsException, AgentsWorkflowError, ActivityError) as error:
                if is_cancelled_exception(error):
                    raise
                raise rules.TurnFailed from error
            finally:
                self._doing.nothing()

    @process_user_message.validator
    def _check(self, message: ProcessUserMessageInput) -> None:
        rules.check_text(message.user_input)
        if self._ready and not rules.answer_to(self._state, update_id()):
            busy, length = self._turn.locked(), message.chat_length
            rules.check_place(self._state, length, busy=busy, ended=self._ending)

    @workflow.update
    async def end_conversation(self) -> ConversationResult:
        """End the conversation, after the turn under way; return what it came to."""
        self._ending = True
        await workflow.wait_condition(lambda: self._over)
        if not self._result:
            raise rules.ConversationEnded
        return self._result

    @workflow.query
    def get_chat_history(self) -> list[str]:
        """Return all lines so far."""
        return self._state.history

    @workflow.query
    def get_status(self) -> Status:
        """Return who is doing what."""
        return self._doing.status(self._state, ended=self._ending)

    async def _all_told(self) -> None:
        self._over = True
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _next_turn(self) -> None:
        """Wait until a turn is over. When none begins, or someone wants it, the end has come."""
        try:
            await workflow.wait_condition(
                lambda: self._ending or self._turn.locked(), timeout=IDLE_AFTER
            )
        except TimeoutError:
            self._ending = True
        await workflow.wait_condition(lambda: not self._turn.locked())
        enough = self._turns_in_run >= self._state.turns_per_run
        if enough or workflow.info().is_continue_as_new_suggested():
            # A handler that has not finished would never answer its caller.
            await workflow.wait_condition(lambda: self._ending or workflow.all_handlers_finished())
            if not self._ending:
                workflow.continue_as_new(self._state)

    async def _answer_to(self, text: str) -> list[str]:
        """Run the agents on copies of the state, and keep what they did once they are through."""
        agents = build_agents()
        agent = agents.get(self._state.agent) or next(iter(agents.values()))
        context = self._state.context.model_copy()
        items = [*self._state.items, {"role": "user", "content": text}]
        said = cast("list[TResponseInputItem]", items)
        try:
            result = await Runner.run(agent, said, context=context, hooks=self._doing)
        finally:  # a person who has been called is called, whatever became of the turn
            self._state.context.escalated |= context.escalated
            self._state.context.notified |= context.notified
        lines = [f"User: {text}", *lines_of(result.new_items)]
        self._state = rules.after_turn(self._state, update_id(), lines, result, context)
        self._turns_in_run += 1
        return lines
