"""A turn: from a prompt until the user has to act again."""

from durable_agents import root_cause
from durable_agents.cancellation import unless_cancelled
from durable_agents.deadlines import time_limit
from durable_agents.errors import UNREADABLE
from durable_agents.messages import Rejected

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from agents import Agent, AgentsException, ModelBehaviorError, Runner
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, FailureError
from temporalio.openai_agents import AgentsWorkflowError

from goal_agent.activities.tool_calls import NOT_DONE, validate_tool_call
from goal_agent.conversation.tool_call import PendingToolCall
from goal_agent.conversation.transcript import Transcript
from goal_agent.limits import clip
from goal_agent.models import (
    CheckedStep,
    NextStep,
    Settings,
    StepState,
    ToolData,
    ToolRun,
    ValidationResult,
)

T = TypeVar("T")

SUMMARY_TIMEOUT = timedelta(seconds=60)  # prompts wait meanwhile
ATTEMPTS = RetryPolicy(maximum_attempts=3)
LOOKUP = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(seconds=10), retry_policy=ATTEMPTS
)

MAX_TOOL_CALLS = 10
"""Tool calls per prompt."""

MAX_CORRECTIONS = 2
"""Invalid proposals per tool call that go back to the planner."""

TURN_ERRORS = (AgentsException, AgentsWorkflowError, FailureError)


class TurnRunner:
    """Runs the turns of a conversation, one at a time."""

    def __init__(self, transcript: Transcript, call: PendingToolCall, settings: Settings) -> None:
        self._transcript, self._call, self._settings = transcript, call, settings

    async def run_next(self) -> bool:
        """Answer the next prompt; return whether the goal is reached.

        A failed turn ends with a message that names the error type. Results of tools that ran
        before the failure stay in the transcript.
        """
        self._transcript.start_turn()
        goal_reached = False
        try:
            goal_reached = await self._answer()
        except TURN_ERRORS as error:
            type, reason = root_cause(error)
            workflow.logger.warning("Turn failed: %s: %s", type, reason)
            retry = f"I could not finish this answer ({type}). Try again."
            self._transcript.add("system", reason if isinstance(error, Rejected) else retry, type)
        self._transcript.finish_turn()
        return goal_reached

    async def summarize(self) -> None:
        """Summarize the conversation in two sentences; keep the old summary if that fails."""
        writing = self._ask(str, "Summary writer", self._settings.instructions.summarizer)
        try:
            async with time_limit(SUMMARY_TIMEOUT):
                self._transcript.state.conversation_summary = clip(await writing)
        except (*TURN_ERRORS, TimeoutError) as error:
            workflow.logger.warning("Summary failed: %s", error)

    async def _answer(self) -> bool:
        instructions = self._settings.instructions.validator
        verdict = await self._ask(ValidationResult, "Validator", instructions)
        if not verdict.valid:
            self._transcript.add("agent", verdict.reason or "I can't help with that here.")
            return False
        for _ in range(MAX_TOOL_CALLS):
            step, checked = await self._plan()
            if checked.missing:
                names = ", ".join(name.replace("_", " ") for name in checked.missing)
                self._transcript.add("agent", f"For that I still need: {names}.")
                return False
            self._transcript.add("agent", step.message)
            if step.next != "confirm":
                return step.next == "done"
            self._call.propose(str(workflow.uuid4()), step.tool or "", checked.args)
            if not (confirmed := await self._decision(checked)):
                return False
            await self._run_tool(confirmed)
        problem = "I've made several tool calls without finishing. Keep going?"
        raise Rejected(problem, "TooManySteps")

    async def _plan(self) -> tuple[NextStep, CheckedStep]:
        """Return the planner's next step, which is valid, and its arguments if it is a call."""
        instructions = f"Today is {workflow.now().date()}.\n{self._settings.instructions.planner}"
        notes: list[str] = []
        for _ in range(1 + MAX_CORRECTIONS):
            step = await self._ask(NextStep, "Planner", instructions, notes)
            checked = await self._validate(step) if step.next == "confirm" else CheckedStep()
            if checked.problem is None:
                return step, checked
            notes = [*notes, f"That was not shown to the user. {checked.problem}. Fix it, or ask."]
        raise Rejected("Sorry, I can't work that out. Try rephrasing it.", "InvalidStep")

    async def _validate(self, step: NextStep) -> CheckedStep:
        known = self._settings.goal.tools
        if step.tool not in known:
            return CheckedStep(problem=f"There is no such tool; known tools: {', '.join(known)}")
        return await unless_cancelled(
            workflow.execute_activity(validate_tool_call, args=[step.tool, step.args], **LOOKUP)
        )

    async def _decision(self, checked: CheckedStep) -> ToolData | None:
        """Return the step once it is confirmed; None if it is cancelled.

        No setting turns off the confirmation of a tool that spends money. Another prompt, the end,
        and a day of silence cancel the step.
        """
        call = self._call
        if not (checked.spends or self._settings.show_confirm):
            return call.decide("automatic")
        if not self._transcript.state.prompt_queue:  # queued ones were sent without seeing the step
            await self._transcript.wait_for_user(lambda: not call.waiting_id)
        call.cancel_waiting()
        return call.step if call.step and call.step.state is StepState.RUNNING else None

    async def _run_tool(self, step: ToolData) -> None:
        """Run the tool with exactly the arguments that were confirmed."""
        key = f"{workflow.info().workflow_id}/{step.step_id}"
        running = workflow.execute_activity(
            step.tool,
            ToolRun(args=step.args, idempotency_key=key),
            result_type=str,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=timedelta(seconds=10),
            retry_policy=ATTEMPTS,
        )
        try:
            self._call.finish(StepState.DONE, await unless_cancelled(running))
        except ActivityError as error:
            self._call.finish(StepState.FAILED, describe_failure(step.tool, error))

    async def _ask(
        self, kind: type[T], name: str, instructions: str, notes: Sequence[str] = ()
    ) -> T:
        """Return an agent's typed output.

        Raises:
            ModelBehaviorError: The output is invalid. The SDK raises built-in errors for some.
        """
        agent = Agent[None](name=name, instructions=instructions, output_type=kind)
        asking = Runner.run(agent, self._transcript.to_model_input(notes))
        try:
            result = await unless_cancelled(asking)
            return result.final_output_as(kind, raise_if_incorrect_type=True)
        except UNREADABLE as error:
            problem = f"The answer cannot be read ({type(error).__name__})"
            raise ModelBehaviorError(problem) from error


def describe_failure(tool: str, error: ActivityError) -> str:
    """Return a sentence on a failed tool: nothing was done, or the outcome is unknown."""
    cause = root_cause(error)
    if cause.type == NOT_DONE:
        return f"{tool} was refused, nothing was done: {cause.message}"
    return f"{tool} has an unknown outcome, it may have been done: {cause.message}"
