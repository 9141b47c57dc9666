"""The workflow decides what must always happen: turns are saved, announced, and batched.

Replies do not wait for that: an unavailable database delays neither them nor notifications.
"""

from durable_agents import RUN_ERRORS, InvalidInput, require_text
from durable_agents.deadlines import IdleTimer
from durable_agents.messages import update_id

import asyncio

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

from workflow_activities.follow_up import FollowUp

with workflow.unsafe.imports_passed_through():
    from workflow_activities.limits import IDLE_TIMEOUT, MAX_MESSAGE_LENGTH, TURNS_PER_RUN
    from workflow_activities.models import CANCELLED, TASK_ID, Event, Failure, Report
    from workflow_activities.notetaker import reply_to
    from workflow_activities.state import State


@workflow.defn
class ConversationWorkflow:
    """Keeps the notes of a task: answers messages, and records every turn, even a failed one."""

    @workflow.init
    def __init__(self, task_id: str, carried: State | None = None) -> None:
        """Restore the state: messages may arrive before `run` starts, and then wait for it."""
        self._state = carried or State()
        self._turns_before = self._state.turns
        self._ready = self._ended = self._cancelled = False
        self._one_at_a_time = asyncio.Lock()
        self._turn: asyncio.Task[str] | None = None
        self._idle_timer = IdleTimer()

    @workflow.run
    async def run(self, task_id: str, carried: State | None = None) -> Report:
        """Answer messages until the end, or until an hour passes without one; return the counts.

        Cancellation cancels the turn in flight, and allows 30 seconds to record pending turns.

        Args:
            task_id: The task: letters, digits, `_`, `.` and `-`, at most 100.
            carried: The state from the run that this one continues.

        Raises:
            InvalidInput: The task id is invalid.
        """
        if not TASK_ID.fullmatch(task_id):
            raise InvalidInput("task_id must have 1 to 100 letters, digits, '_', '.' or '-'")
        self._ready = True
        follow_up = FollowUp(task_id, self._state, self._is_long)
        try:
            if not await self._idle_timer.wait(lambda: self._is_over(follow_up), IDLE_TIMEOUT):
                self._ended = True
            if not self._ended:
                workflow.continue_as_new(args=[task_id, self._state])
            await follow_up.finish()
        except asyncio.CancelledError:
            self._ended = self._cancelled = True
            if self._turn:
                self._turn.cancel()
            await follow_up.finish(cancelled=True)
            raise
        return await follow_up.report()

    @workflow.update
    async def send_message(self, text: str) -> str:
        """Return the model's reply; a resend under the same update id returns the same one.

        Raises:
            ApplicationError: There is no reply; type and message give the reason. The turn is
                recorded as failed, and the conversation continues without it.
        """
        await workflow.wait_condition(lambda: self._ready)
        async with self._one_at_a_time:
            answer = self._state.answers.get(update_id())
            if answer is None:
                self._state.check_room()  # earlier messages may have filled it
                answer = await self._answer(text)
                self._state.complete_turn(text, answer, update_id())
        if isinstance(answer, Failure):
            raise answer.to_error()
        return answer

    @send_message.validator
    def _check_message(self, text: str) -> None:
        if update_id() in self._state.answers:
            return
        if self._ended:
            raise InvalidInput("the conversation has ended; start another, with a new task id")
        require_text(text, "text", max_length=MAX_MESSAGE_LENGTH)
        self._state.check_room()

    @workflow.update
    async def end_conversation(self) -> None:
        """Reject new messages; the workflow completes once all others are answered and recorded."""
        self._ended = True

    @workflow.query
    def get_events(self) -> list[Event]:
        """Return the last hundred saves, notifications and batches, in the order they finished."""
        return self._state.events

    async def _answer(self, text: str) -> str | Failure:
        """Return the model's reply, or the failure: `CANCELLED` once the workflow is cancelled."""
        self._turn = asyncio.create_task(reply_to(text, self._state.context))
        if self._cancelled:
            self._turn.cancel()
        try:
            with self._idle_timer.busy():
                return await self._turn
        except (asyncio.CancelledError, *RUN_ERRORS) as error:
            return CANCELLED if is_cancelled_exception(error) else Failure.of(error)

    def _is_long(self) -> bool:
        """Return whether the conversation should continue in a new run."""
        turns = self._state.turns - self._turns_before
        is_suggested = workflow.info().is_continue_as_new_suggested()
        return not self._ended and (is_suggested or turns >= TURNS_PER_RUN)

    def _is_over(self, follow_up: FollowUp) -> bool:
        follow_up.check()
        # The next run repeats a save or batch in flight; a notification is not idempotent.
        can_continue = self._is_long() and "notification" not in follow_up.running
        return (self._ended or can_continue) and workflow.all_handlers_finished()
