"""The pending tool call: proposed, confirmed or cancelled once, and run."""

from durable_agents.messages import Rejected, remember, update_id

from pydantic import JsonValue

from goal_agent.conversation.transcript import Transcript
from goal_agent.limits import MAX_RECEIPTS, clip
from goal_agent.models import Decision, StepState, ToolData, Verdict


class PendingToolCall:
    """The latest step.

    A decision takes effect at once, when its message is handled: of two simultaneous
    confirmations, the second one is rejected.

    Args:
        transcript: Records every decision and result.
    """

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript

    @property
    def step(self) -> ToolData | None:
        """The latest step, if any."""
        return self._transcript.state.tool_data

    @property
    def waiting_id(self) -> str | None:
        """The id of the step that is waiting for confirmation."""
        return self.step.step_id if self.step and self.step.state is StepState.WAITING else None

    def propose(self, step_id: str, tool: str, args: dict[str, JsonValue]) -> None:
        """Create a step that is waiting for confirmation."""
        waiting = StepState.WAITING
        step = ToolData(step_id=step_id, tool=tool, args=args, state=waiting, result=None)
        self._transcript.state.tool_data = step

    def check_waiting(self, step_id: str) -> None:
        """Check that a step is waiting, or that the current update is a resent one.

        Raises:
            Rejected: StepNotWaiting: neither.
        """
        if step_id != self.waiting_id and update_id() not in self._transcript.state.decided:
            pending = f"{self.waiting_id!r} is" if self.waiting_id else "no step is"
            problem = f"step {step_id[:100]!r} is not waiting for confirmation; {pending}"
            raise Rejected(problem, "StepNotWaiting")

    def decide_for_update(self, verdict: Verdict) -> ToolData:
        """Decide on the step; a resent update gets the first one's result."""
        state = self._transcript.state
        if known := state.decided.get(update_id()):
            return known
        step = self.decide(verdict)
        state.decided = remember(state.decided, step, MAX_RECEIPTS)
        return step

    def decide(self, verdict: Verdict) -> ToolData:
        """Confirm or cancel the waiting step, record the decision, and return the step.

        Raises:
            Rejected: StepNotWaiting: no step is waiting.
        """
        if not self.step or not self.waiting_id:
            raise Rejected("no step is waiting for confirmation", "StepNotWaiting")
        decision = Decision.model_validate({**dict(self.step), "verdict": verdict})
        self._transcript.add("system", decision.text, decision=decision)
        cancelled = verdict == "cancelled"
        return self._update(self.step, StepState.CANCELLED if cancelled else StepState.RUNNING)

    def cancel_waiting(self) -> None:
        """Cancel the step that is waiting, if any."""
        if self.waiting_id:
            self.decide("cancelled")

    def finish(self, state: StepState, result: str) -> None:
        """Record the outcome of the running step, if one is running."""
        if self.step and self.step.state is StepState.RUNNING:
            self._update(self.step, state, clip(result))
            self._transcript.add("tool", result)

    def close(self) -> None:
        """Cancel the step if it is waiting; report its outcome as unknown if it is running."""
        self.cancel_waiting()
        if self.step:
            unknown = "was stopped. Its outcome is unknown: it may have been done."
            self.finish(StepState.FAILED, f"{self.step.tool} {unknown}")

    def _update(self, step: ToolData, state: StepState, result: str | None = None) -> ToolData:
        step = step.model_copy(update={"state": state, "result": result})
        self._transcript.state.tool_data = step
        return step
