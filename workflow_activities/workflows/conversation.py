"""What always happens is up to the workflow: each turn is saved and notified, every third batched.

A reply does not wait for any of that: records and notifications follow in the background, each in
the order of the turns. A database that is down delays neither replies nor notifications.
"""

from durable_agents import InvalidInput

import asyncio

from temporalio import workflow

from workflow_activities.follow_up import FollowUp
from workflow_activities.turn_runner import TurnRunner

with workflow.unsafe.imports_passed_through():
    from workflow_activities.limits import IDLE, TURNS_A_RUN
    from workflow_activities.models import TASK_ID, Event, Failure, Report, problem_with
    from workflow_activities.state import State, new_state


@workflow.defn
class ConversationWorkflow:
    """Keeps the notes of a task: answers messages, and records each of them, failures as well."""

    def __init__(self) -> None:
        """Start empty: messages that arrive before `run` has started wait for it."""
        self._state = new_state()
        self._turns_before = 0
        self._ready = False
        self._ended = False
        self._one_at_a_time = asyncio.Lock()
        self._turn_runner = TurnRunner()

    @workflow.run
    async def run(self, task_id: str, carried: State | None = None) -> Report:
        """Answer messages until the end, or for an hour without one; report what was recorded.

        A cancellation cancels the turn in flight. What was said is still recorded, for at most 30
        seconds.

        Args:
            task_id: Whose conversation it is: letters, digits, `_`, `.` and `-`, at most 100.
            carried: The conversation so far, from the run that this one continues.

        Raises:
            InvalidInput: The task id is invalid.
        """
        if not TASK_ID.fullmatch(task_id):
            raise InvalidInput("task_id has 1 to 100 letters, digits, '_', '.' or '-'")
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
        """Return the model's reply; a message resent under the same update id gets the same answer.

        Raises:
            ApplicationError: There is no reply; the type and message say why. The turn is recorded
                as failed, and the conversation continues without this message.
        """
        await workflow.wait_condition(lambda: self._ready)
        update_id = _update_id()
        async with self._one_at_a_time:
            answer = self._state.answers.get(update_id)
            if answer is None:
                self._state.check_room()  # messages before this one may have taken it
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
        if problem := problem_with(text):
            raise InvalidInput(problem)
        self._state.check_room()

    @workflow.update
    async def end_conversation(self) -> None:
        """Take no more messages. The run ends once all that was said is answered and recorded."""
        self._ended = True

    @workflow.query
    def get_events(self) -> list[Event]:
        """Return the saves, notifications and batches, as they happened: the last hundred."""
        return self._state.events

    async def _converse(self, task_id: str, follow_up: FollowUp) -> None:
        """Return once the conversation has ended and is recorded; or continue in a new run."""
        while not self._is_over():
            await self._next_turn(follow_up)
        if not self._ended:
            await follow_up.pause()
            if not self._ended:
                workflow.continue_as_new(args=[task_id, self._state])
        await follow_up.finish()

    async def _next_turn(self, follow_up: FollowUp) -> None:
        """Wait for a turn or the end; an hour without either is the end."""
        turns = self._state.turns
        try:
            await follow_up.wait_until(lambda: self._is_over() or self._state.turns > turns, IDLE)
        except TimeoutError:
            # A turn may have been in flight for as long: its message counts.
            self._ended = self._ended or workflow.all_handlers_finished()

    def _is_over(self) -> bool:
        """Whether this run takes no more messages, and has answered all that it has taken."""
        turns = self._state.turns - self._turns_before
        is_long = workflow.info().is_continue_as_new_suggested() or turns >= TURNS_A_RUN
        return (self._ended or is_long) and workflow.all_handlers_finished()


def _update_id() -> str:
    update = workflow.current_update_info()
    return update.id if update else ""
