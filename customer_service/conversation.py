"""A conversation in its current run: checks messages, runs turns, and waits for the end."""

from durable_agents import InvalidInput, encoded_size

import asyncio
from datetime import timedelta
from typing import cast

from agents import Runner, TResponseInputItem
from pydantic_core import from_json, to_json
from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError

from customer_service import SEARCH_ATTRIBUTE
from customer_service.activities.escalation import is_registered
from customer_service.airline_agents import build_agents
from customer_service.errors import ConversationEnded, NotYourTurn, TurnFailed, TurnStopped
from customer_service.limits import MAX_HISTORY_BYTES, ModelInput
from customer_service.models import ConversationState
from customer_service.transcript import StatusHooks, lines_of

IDLE_TIMEOUT = timedelta(minutes=30)
ESCALATED_IDLE_TIMEOUT = timedelta(days=7)
NEEDS_PERSON = SearchAttributeKey.for_bool(SEARCH_ATTRIBUTE.partition("=")[0])


class Conversation:
    """A conversation in its current run.

    Attributes:
        state: Passed to the next run. Replaced as a whole, so a failed turn leaves it as it was.
        turn: Locked while a turn is in flight.
        hooks: The status of that turn.
        ending: Whether new messages are rejected.
    """

    def __init__(self, state: ConversationState) -> None:
        self.state = state
        self.turn = asyncio.Lock()
        self.hooks = StatusHooks()
        self.ending = False
        self._additions = 0  # in this run
        self._answering: asyncio.Task[list[str]] | None = None

    def find_answer(self) -> list[str] | None:
        """Return the lines of the current update if it is a resend, also of an earlier run's."""
        return self.state.find_answer(_update_id())

    def check_open(self) -> None:
        """Raise unless the conversation accepts another line, or the update is a resend."""
        if self.find_answer() is not None:
            return
        if self.ending:
            raise ConversationEnded
        if self.turn.locked():
            raise NotYourTurn("another message is being answered: read its answer first")
        if encoded_size(self.state.history) > MAX_HISTORY_BYTES:
            raise InvalidInput("the conversation is too long: end it, and start another")

    def check_is_next(self, chat_length: int) -> None:
        """Raise unless a sender that has seen `chat_length` lines may add a message."""
        self.check_open()
        length = len(self.state.history)
        if chat_length != length and self.find_answer() is None:
            raise NotYourTurn(f"chat_length is {chat_length}; the conversation has {length} lines")

    def add(self, lines: list[str], items: ModelInput, **changes: object) -> list[str]:
        """Add lines to the history, and replace the model input; raise `TooLarge` at the limit."""
        self.state = self.state.with_turn(_update_id(), lines, items, **changes)
        self._additions += 1
        return lines

    async def run_turn(self, text: str) -> list[str]:
        """Answer a message, and return the lines it adds; if it fails, keep nothing of it."""
        async with self.turn:
            self._answering = asyncio.create_task(self._answer(text))
            try:
                return await self._answering
            except workflow.NondeterminismError:
                raise
            except (Exception, asyncio.CancelledError) as error:
                if self.hooks.stopped:
                    raise TurnStopped("the turn was stopped; the message is not kept") from None
                if isinstance(error, asyncio.CancelledError):  # the worker evicts this run
                    raise
                raise TurnFailed("there is no answer; the message is not kept") from error
            finally:
                self.hooks = StatusHooks()

    def stop_turn(self) -> bool:
        """Cancel the turn in flight; return whether there was one."""
        if not self._answering or self._answering.done():
            return False
        self.hooks.stopped = True
        return self._answering.cancel()

    async def wait_for_end(self) -> bool:
        """Wait until the conversation is ending; return whether to continue as new instead.

        If so, all handlers have finished: a pending one would never answer its caller.
        """
        marked = workflow.info().typed_search_attributes.get(NEEDS_PERSON) or False
        while not self.ending:
            if self.state.context.escalated != marked:
                marked = not marked
                self._marking = asyncio.create_task(self._mark())
            if self._is_run_full():
                await workflow.wait_condition(
                    lambda: self.ending or workflow.all_handlers_finished()
                )
                return not self.ending
            await self._wait_for_activity()
        return False

    def _is_run_full(self) -> bool:
        full = self._additions >= self.state.turns_per_run
        return full or workflow.info().is_continue_as_new_suggested()

    async def _wait_for_activity(self) -> None:
        """Wait for a turn or a line; end the conversation on idle timeout."""
        known = self._additions, self.turn.locked()
        idle_timeout = ESCALATED_IDLE_TIMEOUT if self.state.context.escalated else IDLE_TIMEOUT
        try:
            await workflow.wait_condition(
                lambda: self.ending or known != (self._additions, self.turn.locked()),
                timeout=None if self.turn.locked() else idle_timeout,
            )
        except TimeoutError:
            self.ending = True

    async def _mark(self) -> None:
        """Set the search attribute to the latest value, if the server has it registered."""
        try:
            registered = await workflow.execute_activity(
                is_registered,
                NEEDS_PERSON.name,
                start_to_close_timeout=timedelta(seconds=10),
                retry_policy=RetryPolicy(maximum_attempts=3),
            )
        except ActivityError:
            registered = False
        if registered:
            escalated = self.state.context.escalated
            workflow.upsert_search_attributes([NEEDS_PERSON.value_set(escalated)])
        else:
            workflow.logger.warning("Search attribute %s is not registered", NEEDS_PERSON.name)

    async def _answer(self, text: str) -> list[str]:
        agents, context = build_agents(), self.state.context.model_copy()
        agent = agents.get(self.state.agent) or next(iter(agents.values()))
        prompt = cast("list[TResponseInputItem]", self.state.items_with("user", text))
        try:
            result = await Runner.run(agent, prompt, context=context, hooks=self.hooks)
        finally:  # a failed turn does not undo that a person was notified
            escalation = context.model_dump(include={"escalated", "notified"})
            kept = self.state.context.model_copy(update=escalation)
            self.state = self.state.model_copy(update={"context": kept})
        return self.add(
            [f"User: {text}", *lines_of(result.new_items)],
            from_json(to_json(result.to_input_list())),
            context=context,
            agent=result.last_agent.name,
            turns=self.state.turns + 1,
        )


def _update_id() -> str:
    info = workflow.current_update_info()
    return info.id if info else ""
