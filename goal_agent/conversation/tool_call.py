"""The pending tool call: proposed, confirmed or cancelled once, and run."""

from pydantic import JsonValue
from temporalio.exceptions import ApplicationError

from goal_agent.conversation.receipts import recall, remember
from goal_agent.conversation.transcript import Transcript
from goal_agent.limits import clip
from goal_agent.models import Decision, StepState, ToolData, ToolParams, Verdict


class StepNotWaiting(ApplicationError):
    """A decision about a step that is not waiting for confirmation."""

    def __init__(self, step_id: str, waiting: str | None) -> None:
        """Name the step that is waiting, if any."""
        pending = f"{waiting!r} is" if waiting else "no step is"
        super().__init__(
            f"step {step_id[:100]!r} is not waiting for confirmation; {pending}",
            type=StepNotWaiting.__name__,
            non_retryable=True,
        )


class PendingToolCall:
    """The latest step.

    A decision takes effect at once, when its message is handled: of two simultaneous
    confirmations, the second one is rejected.

    Args:
        transcript: Records every decision.
        carried: State from the previous run.
    """

    def __init__(self, transcript: Transcript, carried: ToolParams) -> None:
        self.step = carried.tool_data
        self.decided = {**carried.decided}
        self._transcript = transcript

    @property
    def waiting_id(self) -> str | None:
        """The id of the step that is waiting for confirmation."""
        return self.step.step_id if self.step and self.is_in(StepState.WAITING) else None

    def is_in(self, state: StepState) -> bool:
        """Return whether the latest step is in `state`."""
        return self.step is not None and self.step.state is state

    def propose(self, step_id: str, tool: str, args: dict[str, JsonValue]) -> None:
        """Create a step that is waiting for confirmation."""
        waiting = StepState.WAITING
        self.step = ToolData(step_id=step_id, tool=tool, args=args, state=waiting, result=None)

    def check_waiting(self, step_id: str) -> None:
        """Check that a step is waiting, or that the current update is a resent one.

        Raises:
            StepNotWaiting: Neither.
        """
        if step_id != self.waiting_id and recall(self.decided) is None:
            raise StepNotWaiting(step_id, self.waiting_id)

    def decide_for_update(self, step_id: str, verdict: Verdict) -> ToolData:
        """Decide on the step; a resent update gets the first one's result.

        Raises:
            StepNotWaiting: The step is not waiting.
        """
        self.check_waiting(step_id)
        return recall(self.decided) or remember(self.decided, self.decide(verdict))

    def decide(self, verdict: Verdict) -> ToolData:
        """Confirm or cancel the waiting step, record the decision, and return the step.

        Raises:
            StepNotWaiting: No step is waiting.
        """
        if not self.step or not self.waiting_id:
            raise StepNotWaiting("", None)
        cancelled = verdict == "cancelled"
        step = self._update(self.step, StepState.CANCELLED if cancelled else StepState.RUNNING)
        self._transcript.add_decision(
            Decision(step_id=step.step_id, tool=step.tool, args=step.args, verdict=verdict)
        )
        return step

    def finish(self, state: StepState, result: str) -> None:
        """Record the outcome of the running step, if one is running."""
        if self.step and self.is_in(StepState.RUNNING):
            self._update(self.step, state, clip(result))
            self._transcript.add("tool", result)

    def close(self) -> None:
        """Cancel the step if it is waiting; report its outcome as unknown if it is running."""
        self.cancel_waiting()
        if self.step:
            unknown = "was stopped. Its outcome is unknown: it may have been done."
            self.finish(StepState.FAILED, f"{self.step.tool} {unknown}")

    def cancel_waiting(self) -> None:
        """Cancel the step that is waiting, if any."""
        if self.waiting_id:
            self.decide("cancelled")

    def _update(self, step: ToolData, state: StepState, result: str | None = None) -> ToolData:
        self.step = step.model_copy(update={"state": state, "result": result})
        return self.step
