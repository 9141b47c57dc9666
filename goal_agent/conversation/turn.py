"""A turn: from a prompt until the user has to act again."""

from durable_agents import RUN_ERRORS, root_cause

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from enum import Enum, auto
from typing import TypeVar

from agents import Agent, AgentsException, ModelBehaviorError, Runner
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError
from temporalio.openai_agents import AgentsWorkflowError

from goal_agent.prompts import build_planner, build_summarizer, build_validator

with workflow.unsafe.imports_passed_through():
    from goal_agent.activities.tool_calls import validate_tool_call
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

IDLE_TIMEOUT = timedelta(hours=24)
SUMMARY_TIMEOUT = 60.0  # seconds; prompts wait meanwhile
MAX_TOOL_CALLS = 10
"""Tool calls per prompt."""

MAX_CORRECTIONS = 2
"""Invalid proposals per tool call that go back to the planner."""

TURN_ERRORS = (AgentsException, AgentsWorkflowError, FailureError)


class Outcome(Enum):
    """What follows a step."""

    CONTINUE = auto()  # the planner's next step
    USER_TURN = auto()
    GOAL_REACHED = auto()


class TurnRunner:
    """Runs the turns of a conversation, one at a time."""

    def __init__(
        self, transcript: Transcript, tool_call: PendingToolCall, settings: Settings
    ) -> None:
        self._transcript, self._tool_call, self._settings = transcript, tool_call, settings

    async def run_next(self) -> bool:
        """Answer the next prompt; return whether the goal is reached.

        A failed turn ends with a message that names the error type. Results of tools that ran
        before the failure stay in the transcript.
        """
        self._transcript.start_turn()
        try:
            outcome = await self._answer()
        except TURN_ERRORS as error:
            if is_cancelling():
                raise
            cause = root_cause(error)
            workflow.logger.warning("Turn failed: %s", cause)
            self._fail(f"I could not finish this answer ({cause.type}). Try again.", cause.type)
            outcome = Outcome.USER_TURN
        self._transcript.finish_turn()
        return outcome is Outcome.GOAL_REACHED

    async def summarize(self) -> str | None:
        """Return a two-sentence summary of the conversation; None if the model call fails."""
        try:
            summary = self._ask(str, build_summarizer())
            return clip(await asyncio.wait_for(summary, SUMMARY_TIMEOUT))
        except (*TURN_ERRORS, TimeoutError) as error:
            if is_cancelling():
                raise
            workflow.logger.warning("Summary failed: %s", error)
        return None

    async def _answer(self) -> Outcome:
        verdict = await self._ask(ValidationResult, build_validator(self._settings.goal))
        if not verdict.valid:
            self._transcript.add("agent", verdict.reason or "I can't help with that here.")
            return Outcome.USER_TURN
        for _ in range(MAX_TOOL_CALLS):
            outcome = await self._next_step()
            if outcome is not Outcome.CONTINUE:
                return outcome
        self._fail("I've made several tool calls without finishing. Keep going?", "TooManySteps")
        return Outcome.USER_TURN

    async def _next_step(self) -> Outcome:
        notes: list[str] = []
        for _ in range(1 + MAX_CORRECTIONS):
            planner = build_planner(self._settings, workflow.now().date())
            step = await self._ask(NextStep, planner, notes)
            if step.next == "question":
                self._transcript.add("agent", step.response or "What would you like to do next?")
                return Outcome.USER_TURN
            if step.next == "done":
                self._transcript.add("agent", step.response or "That's all, then.")
                return Outcome.GOAL_REACHED
            checked = await self._validate(step)
            if checked.problem is None:
                return await self._propose(step, checked)
            notes = [*notes, f"That was not shown to the user. {checked.problem}. Fix it, or ask."]
        self._fail("Sorry, I can't work that out. Try rephrasing it.", "InvalidStep")
        return Outcome.USER_TURN

    async def _validate(self, step: NextStep) -> CheckedStep:
        known = [tool.name for tool in self._settings.tools]
        if step.tool not in known:
            return CheckedStep(problem=f"There is no such tool; known tools: {', '.join(known)}")
        checked = await workflow.execute_activity(
            validate_tool_call,
            args=[step.tool, step.args],
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
        stop_if_cancelling()
        return checked

    async def _propose(self, step: NextStep, checked: CheckedStep) -> Outcome:
        if checked.missing:
            names = ", ".join(name.replace("_", " ") for name in checked.missing)
            self._transcript.add("agent", f"For that I still need: {names}.")
            return Outcome.USER_TURN
        tool = step.tool or ""
        self._transcript.add("agent", step.response or f"Shall I run {tool}?")
        self._tool_call.propose(str(workflow.uuid4()), tool, checked.args)
        # No setting turns off the confirmation of a tool that spends money.
        if checked.spends or self._settings.show_confirm:
            await self._wait_for_decision()
        else:
            self._tool_call.decide("automatic")
        if not self._tool_call.step or not self._tool_call.is_in(StepState.RUNNING):
            return Outcome.USER_TURN
        await self._run_tool(self._tool_call.step)
        return Outcome.CONTINUE

    async def _wait_for_decision(self) -> None:
        """Wait for a confirmation or a cancellation; another prompt and the end also cancel."""
        if self._transcript.queue:  # the user sent it without having seen this step
            self._tool_call.cancel_waiting()
        try:
            await workflow.wait_condition(
                lambda: not self._tool_call.waiting_id, timeout=IDLE_TIMEOUT
            )
        except TimeoutError:
            self._transcript.ending = True
            self._tool_call.cancel_waiting()

    async def _run_tool(self, step: ToolData) -> None:
        """Run the tool with exactly the arguments that were confirmed."""
        key = f"{workflow.info().workflow_id}/{step.step_id}"
        try:
            result = await workflow.execute_activity(
                step.tool,
                ToolRun(args=step.args, idempotency_key=key),
                result_type=str,
                start_to_close_timeout=timedelta(seconds=60),
                heartbeat_timeout=timedelta(seconds=10),
                retry_policy=RetryPolicy(maximum_attempts=3),
            )
            self._tool_call.finish(StepState.DONE, result)
        except ActivityError as error:
            if is_cancelling():
                raise
            self._tool_call.finish(StepState.FAILED, describe_failure(step.tool, error))
        stop_if_cancelling()

    async def _ask(self, kind: type[T], agent: Agent[None], notes: Sequence[str] = ()) -> T:
        """Return an agent's typed output.

        Raises:
            ModelBehaviorError: The output is invalid. The SDK raises built-in errors for some.
        """
        seen = self._transcript.to_model_input(notes)
        try:
            result = await Runner.run(agent, seen)
            stop_if_cancelling()
            return result.final_output_as(kind, raise_if_incorrect_type=True)
        except TURN_ERRORS:
            raise
        except RUN_ERRORS as error:
            problem = f"The answer cannot be read ({type(error).__name__})"
            raise ModelBehaviorError(problem) from error

    def _fail(self, text: str, error: str) -> None:
        self._transcript.add("system", text, error)


def is_cancelling() -> bool:
    """Return whether the current task is being cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def stop_if_cancelling() -> None:
    """Stop even if a call that completed just then swallowed the cancellation.

    Raises:
        asyncio.CancelledError: The current task is being cancelled.
    """
    if is_cancelling():
        raise asyncio.CancelledError


def describe_failure(tool: str, error: ActivityError) -> str:
    """Return a sentence on a failed tool: nothing was done, or the outcome is unknown."""
    cause = root_cause(error)
    reached: BaseException | None = error.cause
    if isinstance(reached, ApplicationError) and reached.non_retryable:
        return f"{tool} was refused, nothing was done: {cause.message}"
    return f"{tool} failed, and its outcome is unknown: {cause.message}"
