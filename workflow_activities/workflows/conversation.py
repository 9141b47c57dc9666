"""What always happens is up to the workflow: each turn is saved and told, every third batched.

A reply does not wait for any of that: it follows in the background, in the order of the turns, for
as long as it takes. A database that is down holds up no conversation and loses none.
"""

import asyncio

from agents import Agent, AgentsException, ModelSettings, Runner
from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.openai_agents import AgentsWorkflowError

from durable_agents import InvalidInput
from workflow_activities.steps import carry_out, report_on

with workflow.unsafe.imports_passed_through():
    from workflow_activities.failures import failure_of
    from workflow_activities.limits import IDLE, LONGEST_MESSAGE, LONGEST_REPLY, TURNS_A_RUN
    from workflow_activities.models import TASK_ID, Event, Report, Turn
    from workflow_activities.state import State, new_state


@workflow.defn
class ConversationWorkflow:
    """Keeps the notes of a task: answers messages, and records each of them, failures as well."""

    def __init__(self) -> None:
        """Know nothing yet: messages may come before `run` has begun, and wait for it."""
        self._state = new_state()
        self._ready = False
        self._ended = False
        self._turns_before = 0
        self._one_at_a_time = asyncio.Lock()

    @workflow.run
    async def run(self, task_id: str, carried: State | None = None) -> Report:
        """Talk until the end, or for an hour without a message; report what was recorded.

        Args:
            task_id: Whose conversation it is: letters, digits, `_`, `.` and `-`, at most 100.
            carried: The conversation so far, from the run that this one continues.

        Raises:
            InvalidInput: The task id is not one.
        """
        if not TASK_ID.fullmatch(task_id):
            raise InvalidInput("task_id has 1 to 100 letters, digits, '_', '.' or '-'")
        self._state = carried or self._state
        self._turns_before = self._state.turns
        self._ready = True
        try:
            await self._record_turns(task_id)
        except (asyncio.CancelledError, ActivityError):  # the latter only when it was cancelled
            self._ended = True
            await self._record_turns(task_id)  # what was said is recorded all the same
            raise
        notified = {
            "notifications_sent": self._state.notifications_sent,
            "notifications_failed": self._state.notifications_failed,
        }
        return (await report_on(task_id)).model_copy(update=notified)

    @workflow.update
    async def send_message(self, text: str) -> str:
        """Return the model's reply; one that comes again, by its update id, has its reply again.

        Raises:
            ApplicationError: There is none; its type and message say why. The conversation goes
                on, without this message.
        """
        await workflow.wait_condition(lambda: self._ready)
        update = workflow.current_update_info()
        update_id = update.id if update else ""
        async with self._one_at_a_time:
            if update_id in self._state.replies:
                return self._state.replies[update_id]
            turn = Turn(number=self._state.turns + 1, message=text)
            try:
                reply = turn.reply = await self._ask(text)
            except (AgentsException, AgentsWorkflowError, ActivityError) as error:
                if is_cancelled_exception(error):
                    raise
                failure = failure_of(error)
                turn.error = str(failure)
                self._state.conclude(turn, update_id)
                raise failure from None
            self._state.conclude(turn, update_id)
            return reply

    @send_message.validator
    def _check_message(self, text: str) -> None:
        if self._ended:
            raise InvalidInput("the conversation has ended: begin another, with a new task id")
        if not text.strip():
            raise InvalidInput("text is empty: say something")
        if len(text) > LONGEST_MESSAGE:
            raise InvalidInput(f"text has {len(text)} of at most {LONGEST_MESSAGE} letters")

    @workflow.update
    async def end_conversation(self) -> None:
        """Take no more messages. The run ends once all that was said is answered and recorded."""
        self._ended = True

    @workflow.query
    def get_events(self) -> list[Event]:
        """Return the saves, notifications and batches, as they happened: the last hundred."""
        return self._state.events

    async def _ask(self, text: str) -> str:
        agent = Agent(
            name="Notetaker",
            instructions="""
                You keep the notes of a task. Confirm each new fact in one short sentence.
                Answer questions from the facts that the user has told you, and from nothing else.
            """,
            model_settings=ModelSettings(max_tokens=LONGEST_REPLY),
        )
        result = await Runner.run(agent, self._state.prompt(text))
        return result.final_output_as(str)

    async def _record_turns(self, task_id: str) -> None:
        """Do what follows each turn, until the conversation is over or continues in a new run."""
        while self._state.todo or not self._is_over():
            if self._state.todo:
                self._state.note(await carry_out(task_id, self._state.todo[0]))
            else:
                await self._something_to_do()
        if not self._ended:
            workflow.continue_as_new(args=[task_id, self._state])

    async def _something_to_do(self) -> None:
        try:
            await workflow.wait_condition(
                lambda: bool(self._state.todo) or self._is_over(), timeout=IDLE
            )
        except TimeoutError:
            # A turn may be in the works for as long: its message counts.
            self._ended = self._ended or workflow.all_handlers_finished()

    def _is_over(self) -> bool:
        """Whether this run has no more to do than its todo list."""
        turns = self._state.turns - self._turns_before
        is_long = workflow.info().is_continue_as_new_suggested() or turns >= TURNS_A_RUN
        return (self._ended or is_long) and workflow.all_handlers_finished()
