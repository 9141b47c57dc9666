"""The workflow decides what must always happen: turns are saved, announced, and batched.

Replies do not wait for that: records and notifications follow in the background, each in the order
of the turns. An unavailable database delays neither replies nor notifications.
"""

from durable_agents import InvalidInput, require_text

import asyncio

from temporalio import workflow

from workflow_activities.follow_up import FollowUp
from workflow_activities.turn_runner import TurnRunner

with workflow.unsafe.imports_passed_through():
    from workflow_activities.limits import IDLE_TIMEOUT, MAX_MESSAGE_LENGTH, TURNS_PER_RUN
    from workflow_activities.models import TASK_ID, Event, Failure, Report
    from workflow_activities.state import State, new_state


@workflow.defn
class ConversationWorkflow:
    """Keeps the notes of a task: answers messages, and records every turn, even a failed one."""

    def __init__(self) -> None:
        """Start empty: messages that arrive before `run` starts wait for it."""
        self._state = new_state()
        self._turns_before = 0
        self._ready = False
        self._ended = False
        self._one_at_a_time = asyncio.Lock()
        self._turn_runner = TurnRunner()

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
        self._state = carried or self._state
        self._turns_before = self._state.turns
        self._ready = True
        follow_up = FollowUp(task_id, self._state)
        try:
            await self._converse(task_id, follow_up)
        except asyncio.CancelledError:
            self._ended = True
            self._turn_runner.cancel()
            await follow_up.finish_cancelled()
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
        update_id = _update_id()
        async with self._one_at_a_time:
            answer = self._state.answers.get(update_id)
            if answer is None:
                self._state.check_room()  # earlier messages may have filled it
                answer = await self._turn_runner.answer(self._state.prompt(text))
                self._state.complete_turn(text, answer, update_id)
        if isinstance(answer, Failure):
            raise answer.to_error()
        return answer

    @send_message.validator
    def _check_message(self, text: str) -> None:
        if _update_id() in self._state.answers:
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

    async def _converse(self, task_id: str, follow_up: FollowUp) -> None:
        """Return when the conversation has ended and is recorded; or continue as new."""
        while not self._is_over():
            await self._next_turn(follow_up)
        if not self._ended:
            await follow_up.pause()
            if not self._ended:
                workflow.continue_as_new(args=[task_id, self._state])
        await follow_up.finish()

    async def _next_turn(self, follow_up: FollowUp) -> None:
        """Wait for a turn or the end; end the conversation on idle timeout."""
        turns = self._state.turns
        try:
            await follow_up.wait_until(
                lambda: self._is_over() or self._state.turns > turns, IDLE_TIMEOUT
            )
        except TimeoutError:
            # A turn that has been in flight all the time counts as activity.
            self._ended = self._ended or workflow.all_handlers_finished()

    def _is_over(self) -> bool:
        """Return whether this run is ending or long enough, and has answered all its messages."""
        turns = self._state.turns - self._turns_before
        is_long = workflow.info().is_continue_as_new_suggested() or turns >= TURNS_PER_RUN
        return (self._ended or is_long) and workflow.all_handlers_finished()


def _update_id() -> str:
    update = workflow.current_update_info()
    return update.id if update else ""
