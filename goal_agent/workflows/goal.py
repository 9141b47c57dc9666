"""A goal-driven agent: every tool call is validated, confirmed, run once, and recorded.

Signal and update handlers change state and return at once; the loop that `run` starts acts on it.
"""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from goal_agent.conversation.loop import run_turns

with workflow.unsafe.imports_passed_through():
    from goal_agent.conversation.tool_call import PendingToolCall
    from goal_agent.conversation.transcript import Transcript, validate_start
    from goal_agent.models import CombinedInput, ConversationHistory, ToolData


@workflow.defn
class AgentGoalWorkflow:
    """Works toward a goal with a user; ends at the goal, on request, or after an idle day."""

    @workflow.init
    def __init__(self, start: CombinedInput) -> None:
        """Restore the carried state: updates may arrive before `run` starts."""
        self._transcript = Transcript(start)
        self._tool_call = PendingToolCall(self._transcript, start.tool_params)

    @workflow.run
    async def run(self, start: CombinedInput) -> ConversationHistory:
        """Return the conversation when it ends.

        Raises:
            InvalidInput: The goal is unknown, or the start is too large or has an invalid prompt.
        """
        if not workflow.info().continued_run_id:
            validate_start(start)
        try:
            continues = await run_turns(self._transcript, self._tool_call)
        except BaseException:
            self._close()
            raise
        if continues:  # no await from here: the queue must not grow
            step, decided = self._tool_call.step, self._tool_call.decided
            workflow.continue_as_new(self._transcript.for_next_run(step, decided))
        self._close()
        return self.get_conversation_history()

    @workflow.update
    def send_prompt(self, text: str) -> int:
        """Queue a prompt and return its number; a step that is waiting is cancelled.

        The prompt is processed once `answered` in the history reaches the number: it has an
        answer, or a message says why not. An update id queues one prompt, even across runs.

        Raises:
            PromptRejected: The conversation has ended, or the queue is full. Leaves no event.
            InvalidInput: The text is blank, too long, or not valid Unicode. Leaves no event.
        """
        return self._accept(text)

    @send_prompt.validator
    def _check_prompt(self, text: str) -> None:
        self._transcript.check_prompt(text)

    @workflow.signal
    def user_prompt(self, text: str) -> None:
        """Queue a prompt without an answer to the sender; an invalid one is dropped."""
        try:
            self._accept(text)
        except ApplicationError as error:
            workflow.logger.warning("Prompt dropped: %s", error.message)

    @workflow.signal
    def confirm(self, step_id: str) -> None:
        """Confirm a step without an answer to the sender; ignored unless the step is waiting."""
        if self._tool_call.waiting_id == step_id:
            self._tool_call.decide("confirmed")
        else:
            workflow.logger.warning("Confirmation ignored: the step is not waiting")

    @workflow.signal
    def end_chat(self) -> None:
        """End the conversation within a second, whatever is in flight."""
        self._transcript.ending = True
        self._tool_call.cancel_waiting()

    @workflow.update
    def confirm_step(self, step_id: str) -> ToolData:
        """Confirm the step that is waiting; return it, running.

        Raises:
            StepNotWaiting: The step is not waiting. Leaves no event.
        """
        return self._tool_call.decide_for_update(step_id, "confirmed")

    @confirm_step.validator
    def _check_confirmation(self, step_id: str) -> None:
        self._tool_call.check_waiting(step_id)

    @workflow.update
    def cancel_step(self, step_id: str) -> ToolData:
        """Cancel the step that is waiting; return it.

        Raises:
            StepNotWaiting: The step is not waiting. Leaves no event.
        """
        return self._tool_call.decide_for_update(step_id, "cancelled")

    @cancel_step.validator
    def _check_cancellation(self, step_id: str) -> None:
        self._tool_call.check_waiting(step_id)

    @workflow.query
    def get_conversation_history(self) -> ConversationHistory:
        """Return the whole conversation and its status."""
        return self._transcript.history(self._tool_call.step)

    @workflow.query
    def get_latest_tool_data(self) -> ToolData | None:
        """Return the latest step, if any."""
        return self._tool_call.step

    def _accept(self, prompt: str) -> int:
        number = self._transcript.accept(prompt)
        self._tool_call.cancel_waiting()  # the user has moved on
        return number

    def _close(self) -> None:
        """Report what was in flight as unknown, and unanswered prompts as unanswered."""
        self._tool_call.close()
        self._transcript.close()
