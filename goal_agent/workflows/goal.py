"""An agent that talks its way to a goal: each step is checked, confirmed, run once, and recorded.

Signals and updates only change the state, at once; the loop that `run` starts does the rest.
"""

from durable_agents import InvalidInput

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from goal_agent.loop import Loop

with workflow.unsafe.imports_passed_through():
    from goal_agent.models import CombinedInput, ConversationHistory, ToolData
    from goal_agent.steps import Steps
    from goal_agent.talk import Talk, problem_of_start


@workflow.defn
class AgentGoalWorkflow:
    """Talks with a user until the goal is reached, someone ends it, or a day passes in silence."""

    @workflow.init
    def __init__(self, start: CombinedInput) -> None:
        """Know all that was carried over: updates may arrive before `run` starts."""
        self._talk = Talk(start)
        self._steps = Steps(self._talk, start.tool_params)

    @workflow.run
    async def run(self, start: CombinedInput) -> ConversationHistory:
        """Return the conversation, once it is over.

        Raises:
            InvalidInput: The goal is unknown, or the start is too large, or has an invalid prompt.
        """
        if not workflow.info().continued_run_id and (problem := problem_of_start(start)):
            raise InvalidInput(problem)
        loop = Loop(self._talk, self._steps)
        try:
            goes_on = await loop.run()
        except BaseException:
            loop.close()
            raise
        if goes_on:  # what is queued goes along: no await here
            latest, decided = self._steps.latest, self._steps.decided
            workflow.continue_as_new(self._talk.for_next_run(latest, decided))
        loop.close()
        return self.get_conversation_history()

    @workflow.update
    def send_prompt(self, text: str) -> int:
        """Queue a prompt and return its number; a step that waits is cancelled.

        The prompt is dealt with once `answered` in the history has reached the number: it has an
        answer, or a message says why not. The same update id queues it once, also across runs.

        Raises:
            PromptRejected: The conversation has ended, too many prompts are queued, or the text is
                empty, too long, or not Unicode. Nothing is recorded.
        """
        return self._accept(text)

    @send_prompt.validator
    def _check_prompt(self, text: str) -> None:
        self._talk.check(text)

    @workflow.signal
    def user_prompt(self, text: str) -> None:
        """Queue a prompt for senders who need no answer; one that cannot be taken is dropped."""
        try:
            self._accept(text)
        except ApplicationError as error:
            workflow.logger.warning("Prompt dropped: %s", error.message)

    @workflow.signal
    def confirm(self, step_id: str) -> None:
        """Confirm the step that waits, for senders who need no answer; another one is ignored."""
        if self._steps.waiting == step_id:
            self._steps.decide("confirmed")
        else:
            workflow.logger.warning("Confirmation ignored: that step does not wait")

    @workflow.signal
    def end_chat(self) -> None:
        """End the conversation within a second, whatever is in flight."""
        self._talk.ending = True
        self._steps.cancel_waiting()

    @workflow.update
    def confirm_step(self, step_id: str) -> ToolData:
        """Confirm the step that waits; return it, running.

        Raises:
            StepNotWaiting: It is another one, or none; nothing is recorded.
        """
        return self._steps.answer(step_id, "confirmed")

    @confirm_step.validator
    def _check_confirmation(self, step_id: str) -> None:
        self._steps.check(step_id)

    @workflow.update
    def cancel_step(self, step_id: str) -> ToolData:
        """Cancel the step that waits; return it.

        Raises:
            StepNotWaiting: It is another one, or none; nothing is recorded.
        """
        return self._steps.answer(step_id, "cancelled")

    @cancel_step.validator
    def _check_cancellation(self, step_id: str) -> None:
        self._steps.check(step_id)

    @workflow.query
    def get_conversation_history(self) -> ConversationHistory:
        """Return all of the conversation, and what goes on."""
        return self._talk.history(self._steps.latest)

    @workflow.query
    def get_latest_tool_data(self) -> ToolData | None:
        """Return the latest step, if there was one."""
        return self._steps.latest

    def _accept(self, prompt: str) -> int:
        number = self._talk.accept(prompt)
        self._steps.cancel_waiting()  # the user wants something else
        return number
