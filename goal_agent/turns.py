"""A turn: from a prompt of the user to the next time that the user must say something."""

from durable_agents import root_cause

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

from goal_agent.planner import build_planner
from goal_agent.summary import build_summarizer
from goal_agent.validator import build_validator

with workflow.unsafe.imports_passed_through():
    from goal_agent.activities.steps import check_step
    from goal_agent.models import (
        CheckedStep,
        NextStep,
        Proposal,
        Settings,
        StepState,
        ToolData,
        ToolRun,
        ValidationResult,
    )
    from goal_agent.sizes import clip
    from goal_agent.steps import Steps
    from goal_agent.talk import Talk
    from goal_agent.view import as_seen

T = TypeVar("T")

IDLE_AFTER = timedelta(hours=24)
SUMMARY_WITHIN = 60.0  # seconds; prompts wait meanwhile
STEPS_PER_PROMPT = 10
CORRECTIONS = 2

FAILED = (AgentsException, AgentsWorkflowError, FailureError)

UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the Agents SDK raises while it reads an answer that no model should give."""


class Outcome(Enum):
    """What a step leads to."""

    GO_ON = auto()  # the planner is asked again
    OVER = auto()  # it is the user's turn
    DONE = auto()  # the goal is reached


class Turns:
    """Takes turns, one after the other, for a conversation and its steps."""

    def __init__(self, talk: Talk, steps: Steps, settings: Settings) -> None:
        """Go by `settings`."""
        self._talk, self._steps, self._settings = talk, steps, settings

    async def take_next(self) -> bool:
        """Answer the next prompt; return whether the goal is reached.

        A turn whose model calls fail for good ends with a message that names the error. What its
        tools have done by then is in the conversation; no step is left waiting.
        """
        self._talk.begin_turn()
        try:
            outcome = await self._answer()
        except FAILED as error:
            if being_cancelled():
                raise
            cause = root_cause(error)
            workflow.logger.warning("A turn failed: %s", cause)
            self._fail(f"I could not finish this answer ({cause.type}). Try again.", cause.type)
            outcome = Outcome.OVER
        self._talk.finish_turn()
        return outcome is Outcome.DONE

    async def summary(self) -> str | None:
        """Return what was said so far in two sentences; None if the model cannot tell."""
        try:
            writing = self._asked(str, build_summarizer())
            return clip(await asyncio.wait_for(writing, SUMMARY_WITHIN))
        except (*FAILED, TimeoutError) as error:
            if being_cancelled():
                raise
            workflow.logger.warning("No summary: %s", error)
        return None

    async def _answer(self) -> Outcome:
        verdict = await self._asked(ValidationResult, build_validator(self._settings.goal))
        if not verdict.valid:
            self._talk.say("agent", verdict.reason or "That is not what I can help with here.")
            return Outcome.OVER
        for _ in range(STEPS_PER_PROMPT):
            outcome = await self._next_step()
            if outcome is not Outcome.GO_ON:
                return outcome
        self._fail("I've made several tool calls without finishing. Keep going?", "TooManySteps")
        return Outcome.OVER

    async def _next_step(self) -> Outcome:
        notes: list[str] = []
        for _ in range(1 + CORRECTIONS):
            planner = build_planner(self._settings, workflow.now().date())
            step = await self._asked(NextStep, planner, notes)
            if step.next == "question":
                self._talk.say("agent", step.response or "What would you like to do next?")
                return Outcome.OVER
            if step.next == "done":
                self._talk.say("agent", step.response or "That is all, then.")
                return Outcome.DONE
            checked = await self._checked(step)
            if checked.problem is None:
                return await self._proposed(step, checked)
            notes = [*notes, f"That was not shown to the user. {checked.problem}. Mend it, or ask."]
        self._fail("I am sorry, I cannot work that out. Try other words.", "InvalidStep")
        return Outcome.OVER

    async def _checked(self, step: NextStep) -> CheckedStep:
        known = [tool.name for tool in self._settings.tools]
        if step.tool not in known:
            problem = f"There is no such tool; known are: {', '.join(known)}"
            return CheckedStep(args={}, missing=[], problem=problem, spends=False)
        checked = await workflow.execute_activity(
            check_step,
            Proposal(tool=step.tool, args=step.args),
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
        stop_if_cancelled()
        return checked

    async def _proposed(self, step: NextStep, checked: CheckedStep) -> Outcome:
        if checked.missing:
            names = ", ".join(name.replace("_", " ") for name in checked.missing)
            self._talk.say("agent", f"For that I still need to know: {names}.")
            return Outcome.OVER
        tool = step.tool or ""
        self._talk.say("agent", step.response or f"Shall I run {tool}?")
        self._steps.propose(str(workflow.uuid4()), tool, checked.args)
        # What spends money is never left to a setting.
        if checked.spends or self._settings.show_confirm:
            await self._decided()
        else:
            self._steps.decide("automatic")
        if not self._steps.latest or not self._steps.is_in(StepState.RUNNING):
            return Outcome.OVER
        await self._run_tool(self._steps.latest)
        return Outcome.GO_ON

    async def _decided(self) -> None:
        """Wait until the step is confirmed or cancelled, also by a prompt or by the end."""
        if self._talk.queue:  # the user has said more already, without seeing this
            self._steps.cancel_waiting()
        try:
            await workflow.wait_condition(lambda: not self._steps.waiting, timeout=IDLE_AFTER)
        except TimeoutError:
            self._talk.ending = True
            self._steps.cancel_waiting()

    async def _run_tool(self, step: ToolData) -> None:
        """Run the step's tool with the arguments that were shown, and no others."""
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
            state = StepState.DONE
        except ActivityError as error:
            if being_cancelled():
                raise
            state, result = StepState.FAILED, what_failed(step.tool, error)
        self._steps.become(state, result)
        self._talk.say("tool", result)
        stop_if_cancelled()

    async def _asked(self, kind: type[T], agent: Agent[None], notes: Sequence[str] = ()) -> T:
        """Return an agent's typed answer.

        Raises:
            ModelBehaviorError: It has no such answer, whatever the Agents SDK makes of that.
        """
        seen = as_seen(self._talk.messages, self._talk.summary, notes)
        try:
            result = await Runner.run(agent, seen)
            stop_if_cancelled()
            return result.final_output_as(kind, raise_if_incorrect_type=True)
        except UNREADABLE as error:
            problem = f"The answer cannot be read ({type(error).__name__})"
            raise ModelBehaviorError(problem) from error

    def _fail(self, text: str, error: str) -> None:
        self._talk.say("system", text, error)


def being_cancelled() -> bool:
    """Return whether the current task is to stop: the conversation ends, or is cancelled."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def stop_if_cancelled() -> None:
    """Stop also if a call that finished just then has swallowed the cancellation.

    Raises:
        asyncio.CancelledError: The current task is to stop.
    """
    if being_cancelled():
        raise asyncio.CancelledError


def what_failed(tool: str, error: ActivityError) -> str:
    """Say that a tool failed, and whether it may have done its work all the same."""
    cause = root_cause(error)
    reached: BaseException | None = error.cause
    if isinstance(reached, ApplicationError) and reached.non_retryable:
        return f"{tool} was refused, nothing was done: {cause.message}"
    return f"{tool} failed, and it is not known whether it did its work: {cause.message}"
