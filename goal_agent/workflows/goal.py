"""An agent that talks its way to a goal: each step is checked, confirmed, run once, and recorded.

Signals and updates only change the state, at once; the loop in `run` does the rest.
"""

from durable_agents import InvalidInput

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from goal_agent.turns import IDLE_AFTER, Turns

with workflow.unsafe.imports_passed_through():
    from goal_agent.activities.settings import look_up_settings
    from goal_agent.models import CombinedInput, ConversationHistory, StepState, ToolData
    from goal_agent.steps import Steps
    from goal_agent.talk import Talk, problem_of_start


@workflow.defn
class AgentGoalWorkflow:
    """Talks with a user until the goal is reached, someone ends it, or nobody says any more."""

    def __init__(self) -> None:
        """Know nothing yet: `run` brings the state, and messages may be here before that."""
        self._talk = Talk()
        self._steps = Steps()

    @workflow.run
    async def run(self, start: CombinedInput) -> ConversationHistory:
        """Return the conversation, once it is over.

        Raises:
            InvalidInput: The goal is unknown, or a prompt that is queued cannot be taken.
        """
        if not workflow.info().continued_run_id and (problem := problem_of_start(start)):
            raise InvalidInput(problem)
        self._talk.begin(start)
        self._steps.latest = start.tool_params.tool_data
        try:
            await self._talk_until_done()
        except workflow.ContinueAsNewError:  # who asks this run meanwhile must not see an end
            raise
        except BaseException:
            self._close()
            raise
        self._close()
        return self.get_conversation_history()

    @workflow.signal
    def user_prompt(self, text: str) -> None:
        """Take what the user says. A step that waits is cancelled: the user wants something else.

        What cannot be taken is dropped: a signal has no answer, and no client may end someone's
        conversation with one.
        """
        if problem := self._talk.why_not(text):
            workflow.logger.warning("Prompt dropped: %s", problem)
            return
        self._talk.queue = [*self._talk.queue, text]
        self._steps.cancel_waiting()

    @workflow.signal
    def confirm(self, step_id: str) -> None:
        """Confirm the step that waits, for senders who need no answer; another one is ignored."""
        if self._steps.waiting == step_id:
            self._steps.become(StepState.RUNNING)
        else:
            workflow.logger.warning("Confirmation ignored: that step does not wait")

    @workflow.signal
    def end_chat(self) -> None:
        """End the conversation: a tool that runs may finish, nothing new is begun."""
        self._talk.ending = True
        self._steps.cancel_waiting()

    @workflow.update
    def confirm_step(self, step_id: str) -> ToolData:
        """Confirm the step that waits; return it, running.

        Raises:
            StepNotWaiting: It is another one, or none; nothing is recorded.
        """
        return self._steps.decide(step_id, StepState.RUNNING)

    @confirm_step.validator
    def _check_confirmation(self, step_id: str) -> None:
        self._steps.check(step_id)

    @workflow.update
    def cancel_step(self, step_id: str) -> ToolData:
        """Cancel the step that waits; return it.

        Raises:
            StepNotWaiting: It is another one, or none; nothing is recorded.
        """
        return self._steps.decide(step_id, StepState.CANCELLED)

    @cancel_step.validator
    def _check_cancellation(self, step_id: str) -> None:
        self._steps.check(step_id)

    @workflow.query
    def get_conversation_history(self) -> ConversationHistory:
        """Return all of the conversation, and what goes on."""
        return self._talk.history(self._steps)

    @workflow.query
    def get_latest_tool_data(self) -> ToolData | None:
        """Return the latest step, if there was one."""
        return self._steps.latest

    async def _talk_until_done(self) -> None:
        settings = await workflow.execute_activity(
            look_up_settings,
            self._talk.goal,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
        turns = Turns(self._talk, self._steps, settings)
        if self._talk.is_new:
            self._talk.say("agent", settings.goal.starter)
        while await self._has_prompt():
            [prompt, *self._talk.queue] = self._talk.queue
            done = await turns.take(prompt)
            if done and not self._talk.queue:
                return
            suggested = workflow.info().is_continue_as_new_suggested()
            if suggested or self._talk.added >= settings.max_messages:
                summary = await turns.summary()
                if not self._talk.ending:  # what was queued meanwhile goes along: no await here
                    workflow.continue_as_new(self._talk.for_next_run(summary, self._steps))

    async def _has_prompt(self) -> bool:
        """Wait for the next prompt; return whether there is one, or the end has come."""
        self._talk.busy = False
        try:
            await workflow.wait_condition(lambda: self._talk.has_news, timeout=IDLE_AFTER)
        except TimeoutError:
            self._talk.ending = True
        self._talk.busy = True
        return not self._talk.ending

    def _close(self) -> None:
        """Leave nothing that looks as if it went on."""
        self._talk.over = True
        self._steps.cancel_waiting()
        if self._steps.is_in(StepState.RUNNING):
            self._steps.become(StepState.FAILED, "It is not known whether it ran to its end.")
