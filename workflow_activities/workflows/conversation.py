"""What always happens is up to the workflow: each turn is saved and notified, every third batched.

A reply does not wait for any of that: records and notifications follow in the background, each in
the order of the turns. A database that is down delays neither replies nor notifications.
"""

from durable_agents import InvalidInput

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta

from agents import Agent, AgentsException, ModelBehaviorError, ModelSettings, Runner
from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception
from temporalio.openai_agents import AgentsWorkflowError

from workflow_activities.steps import report_on, run_step

with workflow.unsafe.imports_passed_through():
    from workflow_activities.failures import failure_of
    from workflow_activities.limits import (
        CANCEL_TIMEOUT,
        CONTINUE_TIMEOUT,
        IDLE,
        MAX_REPLY_LENGTH,
        MAX_REPLY_TOKENS,
        TURNS_A_RUN,
    )
    from workflow_activities.models import (
        TASK_ID,
        Event,
        Kind,
        Report,
        Step,
        Turn,
        problem_with,
        storable,
    )
    from workflow_activities.state import State, new_state

# A turn fails with one of these, and nothing else does: a call that failed, or an answer of the
# model that the Agents SDK cannot read, which it reports by built-in errors as well.
TURN_ERRORS = (
    AgentsException,
    AgentsWorkflowError,
    FailureError,
    RecursionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


@workflow.defn
class ConversationWorkflow:
    """Keeps the notes of a task: answers messages, and records each of them, failures as well."""

    def __init__(self) -> None:
        """Start empty: messages that arrive before `run` has started wait for it."""
        self._state = new_state()
        self._ready = False
        self._ended = False
        self._cancelled = False
        self._paused = False
        self._turns_before = 0
        self._one_at_a_time = asyncio.Lock()
        self._turn: asyncio.Task[str] | None = None
        self._in_flight: set[Kind] = set()
        self._background: list[asyncio.Task[None]] = []

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
        self._background = [
            asyncio.create_task(self._run_steps(task_id, queue))
            for queue in (self._state.next_record, self._state.next_notification)
        ]
        try:
            await self._converse(task_id)
        except asyncio.CancelledError:
            await self._stop()
            raise
        notified = {
            "notifications_sent": self._state.notifications_sent,
            "notifications_failed": self._state.notifications_failed,
        }
        return (await report_on(task_id)).model_copy(update=notified)

    @workflow.update
    async def send_message(self, text: str) -> str:
        """Return the model's reply; a message resent under the same update id gets the same reply.

        Raises:
            ApplicationError: There is no reply; the type and message say why. The turn is recorded
                as failed, and the conversation continues without this message.
        """
        await workflow.wait_condition(lambda: self._ready)
        update = workflow.current_update_info()
        update_id = update.id if update else ""
        async with self._one_at_a_time:
            if update_id in self._state.replies:
                return self._state.replies[update_id]
            self._check_room()  # messages before this one may have taken it
            turn = Turn(number=self._state.turns + 1, message=text)
            try:
                reply = await self._answer(turn.message)
            except TURN_ERRORS as error:
                failure = failure_of(error)
                failed = Turn(number=turn.number, message=text, reply=None, error=str(failure))
                self._state.complete_turn(failed, update_id)
                raise failure from None
            self._state.complete_turn(turn.model_copy(update={"reply": reply}), update_id)
            return reply

    @send_message.validator
    def _check_message(self, text: str) -> None:
        if self._ended:
            raise InvalidInput("the conversation has ended; start another, with a new task id")
        if problem := problem_with(text):
            raise InvalidInput(problem)
        self._check_room()

    @workflow.update
    async def end_conversation(self) -> None:
        """Take no more messages. The run ends once all that was said is answered and recorded."""
        self._ended = True

    @workflow.query
    def get_events(self) -> list[Event]:
        """Return the saves, notifications and batches, as they happened: the last hundred."""
        return self._state.events

    def _check_room(self) -> None:
        if not self._state.has_room:
            raise ApplicationError(
                f"{len(self._state.pending)} turns are waiting for the database or notifications; "
                "send the message again later",
                type="BacklogFull",
                non_retryable=True,
            )

    async def _answer(self, text: str) -> str:
        """Return the reply; fail with `Cancelled` as soon as the conversation is cancelled."""
        turn = self._turn = asyncio.create_task(self._ask(text))
        if self._cancelled:
            turn.cancel()
        try:
            return await turn
        except (asyncio.CancelledError, FailureError) as error:
            if not (self._cancelled and is_cancelled_exception(error)):
                raise
            message = "the conversation was cancelled"
            raise ApplicationError(message, type="Cancelled", non_retryable=True) from None

    async def _ask(self, text: str) -> str:
        agent = Agent(
            name="Notetaker",
            instructions="""
                You keep the notes of a task. Confirm each new fact in one short sentence.
                Answer questions from the facts that the user has told you, and from nothing else.
            """,
            model_settings=ModelSettings(max_tokens=MAX_REPLY_TOKENS),
        )
        result = await Runner.run(agent, self._state.prompt(text))
        reply = storable(result.final_output_as(str, raise_if_incorrect_type=True))
        if not reply.strip():
            raise ModelBehaviorError("The model's reply is empty")
        if len(reply) > MAX_REPLY_LENGTH:
            return f"{reply[:MAX_REPLY_LENGTH]} … (cut: the reply has {len(reply):,} characters)"
        return reply

    async def _run_steps(self, task_id: str, next_step: Callable[[], Step | None]) -> None:
        """Run the steps of a queue one after the other."""
        while True:
            await workflow.wait_condition(lambda: not self._paused and next_step() is not None)
            if step := next_step():
                self._in_flight.add(step.kind)
                self._state.record(await run_step(task_id, step))
                self._in_flight.discard(step.kind)

    async def _converse(self, task_id: str) -> None:
        """Return once the conversation has ended and is recorded; or continue in a new run."""
        while not self._is_over():
            await self._next_turn()
        if not self._ended:
            with contextlib.suppress(TimeoutError):
                await self._wait_until(self._is_recorded, CONTINUE_TIMEOUT)
            # A record may run twice, a notification must not.
            self._paused = True
            await self._wait_until(
                lambda: "notification" not in self._in_flight and workflow.all_handlers_finished()
            )
            if not self._ended:
                workflow.continue_as_new(args=[task_id, self._state])
            self._paused = False
        await self._wait_until(self._is_recorded)

    async def _next_turn(self) -> None:
        """Wait for a turn or the end; an hour without either is the end."""
        turns = self._state.turns
        try:
            await self._wait_until(lambda: self._is_over() or self._state.turns > turns, IDLE)
        except TimeoutError:
            # A turn may have been in flight for as long: its message counts.
            self._ended = self._ended or workflow.all_handlers_finished()

    async def _stop(self) -> None:
        """Cancel the turn in flight, and those that wait for it; record them, within a limit."""
        self._ended = self._cancelled = True
        self._paused = False
        if self._turn:
            self._turn.cancel()
        try:
            await self._wait_until(self._is_recorded, CANCEL_TIMEOUT)
        except TimeoutError:
            workflow.logger.warning(
                "Cancelled before turns %s to %s were recorded",
                min(self._state.saved, self._state.notified) + 1,
                self._state.turns,
            )

    def _is_over(self) -> bool:
        """Whether this run takes no more messages, and has answered all that it has taken."""
        turns = self._state.turns - self._turns_before
        is_long = workflow.info().is_continue_as_new_suggested() or turns >= TURNS_A_RUN
        return (self._ended or is_long) and workflow.all_handlers_finished()

    def _is_recorded(self) -> bool:
        state = self._state
        is_due = state.next_record() is not None or state.next_notification() is not None
        return not is_due and workflow.all_handlers_finished()

    async def _wait_until(
        self, condition: Callable[[], bool], limit: timedelta | None = None
    ) -> None:
        """Wait for a condition; a bug in the background fails the workflow task.

        Raises:
            TimeoutError: It was not met within `limit`.
        """

        def is_met() -> bool:
            for task in self._background:
                if task.done():
                    task.result()
            return condition()

        await workflow.wait_condition(is_met, timeout=limit)
