"""A goal-driven agent: every tool call is validated, confirmed, run once, and recorded.

Signal and update handlers change state and return at once; the loop that `run` starts acts on it.
"""

from durable_agents.cancellation import cancel_and_wait, unless_cancelled
from durable_agents.messages import Rejected

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from goal_agent.activities.settings import look_up_settings
    from goal_agent.conversation.tool_call import PendingToolCall
    from goal_agent.conversation.transcript import Transcript
    from goal_agent.conversation.turn import LOOKUP, TurnRunner
    from goal_agent.models import CombinedInput, ConversationHistory, Prompt, ToolData


@workflow.defn
class AgentGoalWorkflow:
    """Works toward a goal with a user; ends at the goal, on request, or after an idle day."""

    @workflow.init
    def __init__(self, start: CombinedInput) -> None:
        """Restore the carried state: updates may arrive before `run` starts."""
        self._transcript = Transcript(start)
        self._tool_call = PendingToolCall(self._transcript)

    @workflow.run
    async def run(self, start: CombinedInput) -> ConversationHistory:
        """Return the conversation when it ends.

        Raises:
            InvalidInput: The goal is unknown.
        """
        turns = asyncio.create_task(self._answer_prompts())
        try:
            await self._transcript.wait_for_end(turns.done)
            continues = turns.done() and turns.result() and not self._transcript.ending
            await cancel_and_wait(turns)
        except (Exception, asyncio.CancelledError):  # not `finally`: an evicted run must not await
            await cancel_and_wait(turns)
            self._close()
            raise
        if continues:  # no await from here: the queue must not grow
            workflow.continue_as_new(self._transcript.for_next_run())
        self._close()
        return self._transcript.history()

    @workflow.update
    def send_prompt(self, text: Prompt) -> int:
        """Queue a prompt and return its number; a step that is waiting is cancelled.

        The prompt is processed once `answered` in the history reaches the number: it has an
        answer, or a message says why not. An update id queues one prompt, even across runs.

        Raises:
            Rejected: ConversationEnded, TooManyPrompts. Leaves no event.
        """
        number = self._transcript.accept(text)
        self._tool_call.cancel_waiting()  # the user has moved on
        return number

    @send_prompt.validator
    def _check_prompt(self, text: Prompt) -> None:
        self._transcript.check_accepts_prompt()

    @workflow.signal
    def user_prompt(self, text: Prompt) -> None:
        """Queue a prompt without an answer to the sender; a rejected one is dropped."""
        try:
            AgentGoalWorkflow.send_prompt(self, text)
        except Rejected as error:
            workflow.logger.warning("Prompt dropped: %s", error.message)

    @workflow.update
    def confirm_step(self, step_id: str) -> ToolData:
        """Confirm the step that is waiting; return it, running.

        Raises:
            Rejected: StepNotWaiting. Leaves no event.
        """
        return self._tool_call.decide_for_update("confirmed")

    @workflow.update
    def cancel_step(self, step_id: str) -> ToolData:
        """Cancel the step that is waiting; return it.

        Raises:
            Rejected: StepNotWaiting. Leaves no event.
        """
        return self._tool_call.decide_for_update("cancelled")

    @confirm_step.validator
    @cancel_step.validator
    def _check_waiting(self, step_id: str) -> None:
        self._tool_call.check_waiting(step_id)

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

    @workflow.query
    def get_conversation_history(self) -> ConversationHistory:
        """Return the whole conversation and its status."""
        return self._transcript.history()

    @workflow.query
    def get_latest_tool_data(self) -> ToolData | None:
        """Return the latest step, if any."""
        return self._tool_call.step

    async def _answer_prompts(self) -> bool:
        """Answer prompts until the conversation ends; return whether to continue as new."""
        transcript = self._transcript
        settings = await unless_cancelled(
            workflow.execute_activity(look_up_settings, transcript.goal, **LOOKUP)
        )
        runner = TurnRunner(transcript, self._tool_call, settings)
        if not transcript.state.messages:
            transcript.add("agent", settings.goal.starter)
        while await transcript.wait_for_user(lambda: bool(transcript.state.prompt_queue)):
            if await runner.run_next() and not transcript.state.prompt_queue:  # the goal is reached
                break
            suggested = workflow.info().is_continue_as_new_suggested()
            if suggested or transcript.is_run_full(settings.max_messages):
                await runner.summarize()
                return True
        return False

    def _close(self) -> None:
        """Report what was in flight as unknown, and unanswered prompts as unanswered."""
        self._tool_call.close()
        self._transcript.close()
