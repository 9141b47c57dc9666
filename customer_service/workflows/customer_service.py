"""A conversation that lives as long as the customer does, whoever restarts what meanwhile.

A message is an update: it is rejected where it does not fit, else answered, or fails and leaves
nothing behind. A long conversation continues as a new run, which its clients do not notice.
"""

import asyncio
from datetime import timedelta
from typing import cast

from agents import Runner, TResponseInputItem
from temporalio import workflow

from customer_service.escalation import Mark
from customer_service.specialists import build_agents
from customer_service.summary import summary_of
from customer_service.turns import Doing, lines_of, update_id

with workflow.unsafe.imports_passed_through():
    from customer_service import rules
    from customer_service.models import (
        AgentReply,
        ConversationResult,
        ConversationState,
        ProcessUserMessageInput,
        Status,
    )

IDLE_AFTER = timedelta(minutes=30)
PERSON_AFTER = timedelta(days=7)
"""How long an escalated conversation stays open while nobody writes."""


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
        self._turns_in_run = self._happened = 0
        self._doing = Doing()

    @workflow.run
    async def run(self, state: ConversationState | None = None) -> ConversationResult:
        """Return what the conversation came to; `state` is that of the run that this continues."""
        self._state, self._ready = state or self._state, True
        try:
            await self._converse(Mark())
            async with self._turn:
                self._result = await summary_of(self._state, self._doing)
        except asyncio.CancelledError:
            self._ending = True
            self._stop()
            await self._all_told()
            raise
        await self._all_told()
        return self._result

    @workflow.update
    async def process_user_message(self, message: ProcessUserMessageInput) -> list[str]:
        """Answer a message; return the lines that it adds to the history.

        A message that comes a second time, with the same update id, is not answered again. Once a
        person has been called, the message is kept for them, and the agents are silent.

        Raises:
            TurnFailed: There is no answer. The history is as before.
            TurnStopped: There is no answer since the turn was stopped. The history is as before.
            NotYourTurn: The message came before this run knew its state, and does not fit it.
        """
        if not self._ready:
            await workflow.wait_condition(lambda: self._ready)
            self._check(message)
        if known := rules.answer_to(self._state, update_id()):
            return self._state.history[known.start : known.end]
        if self._state.context.with_person:
            return self._add(f"User: {message.user_input}", "user", message.user_input)
        async with self._turn:
            self._happened += 1
            self._answer = asyncio.create_task(self._answer_to(message.user_input))
            try:
                return await self._answer
            except workflow.NondeterminismError:
                raise
            except (Exception, asyncio.CancelledError) as error:
                if self._doing.stopped:
                    raise rules.TurnStopped from None
                if isinstance(error, asyncio.CancelledError):  # the worker drops this run
                    raise
                raise rules.TurnFailed from error
            finally:
                self._doing.nothing()
                self._happened += 1

    @process_user_message.validator
    def _check(self, message: ProcessUserMessageInput) -> None:
        rules.check_text(message.user_input)
        if self._ready and not rules.answer_to(self._state, update_id()):
            busy, length = self._turn.locked(), message.chat_length
            rules.check_place(self._state, length, busy=busy, ended=self._ending)

    @workflow.update
    async def reply_as_agent(self, reply: AgentReply) -> list[str]:
        """Add a person's answer to an escalated conversation; return its lines.

        Raises:
            InvalidInput: The conversation is not escalated.
        """
        if not self._ready:
            await workflow.wait_condition(lambda: self._ready)
            self._check_reply(reply)
        if known := rules.answer_to(self._state, update_id()):
            return self._state.history[known.start : known.end]
        self._state.context.notified = True
        line = f"{reply.name} (a person): {reply.text}"
        return self._add(line, "assistant", line)

    @reply_as_agent.validator
    def _check_reply(self, reply: AgentReply) -> None:
        rules.check_text(reply.text)
        self._check_room()
        if self._ready and not rules.answer_to(self._state, update_id()):
            rules.check_escalated(self._state)

    @workflow.update
    async def hand_back(self) -> None:
        """Have the agents answer again; a conversation that is not escalated stays as it is."""
        if not self._ready:
            await workflow.wait_condition(lambda: self._ready)
            self._check_room()
        if self._state.context.escalated:
            self._add(f"(A person hands over to {self._state.agent})")
            self._state.context.escalated = self._state.context.notified = False

    @hand_back.validator
    def _check_room(self) -> None:
        if self._ready and not rules.answer_to(self._state, update_id()):
            rules.check_room(self._state, busy=self._turn.locked(), ended=self._ending)

    @workflow.update
    async def stop_turn(self) -> bool:
        """Stop the turn in flight, if there is one: its sender gets `TurnStopped`."""
        return self._stop()

    @workflow.update
    async def end_conversation(self) -> ConversationResult:
        """End the conversation, and stop the turn in flight; return what it came to."""
        self._ending = True
        self._stop()
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

    async def _converse(self, mark: Mark) -> None:
        """Let things happen until the conversation ends, or continues as a new run."""
        while not self._ending:
            if mark.value != self._state.context.escalated:
                mark.set(self._state.context.escalated)
            if self._run_is_full():
                # A handler that has not finished would never answer its caller.
                await workflow.wait_condition(
                    lambda: self._ending or workflow.all_handlers_finished()
                )
                if not self._ending:
                    workflow.continue_as_new(self._state)
                continue
            await self._next_event()

    async def _next_event(self) -> None:
        """Wait until something happens. If nothing does for too long, the conversation ends."""
        known, patience = self._happened, IDLE_AFTER
        if self._state.context.escalated:
            patience = PERSON_AFTER
        try:
            await workflow.wait_condition(
                lambda: self._ending or self._happened != known,
                timeout=None if self._turn.locked() else patience,
            )
        except TimeoutError:
            self._ending = True

    def _run_is_full(self) -> bool:
        enough = self._turns_in_run >= self._state.turns_per_run
        return enough or workflow.info().is_continue_as_new_suggested()

    async def _all_told(self) -> None:
        self._over = True
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _stop(self) -> bool:
        """Cancel the turn in flight; return whether there was one."""
        if not self._answer or self._answer.done():
            return False
        self._doing.stopped = True
        return self._answer.cancel()

    def _add(self, line: str, role: str = "", text: str = "") -> list[str]:
        """Add what is said without the agents, for them to know later."""
        items = list(self._state.items)
        if role:
            items.append({"role": role, "content": text})
        self._state = rules.with_lines(self._state, update_id(), [line], items)
        self._turns_in_run += 1
        self._happened += 1
        return [line]

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
