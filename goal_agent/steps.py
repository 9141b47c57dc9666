"""The step at hand: it waits for its own confirmation, and is confirmed or cancelled once."""

from pydantic import JsonValue
from temporalio.exceptions import ApplicationError

from goal_agent.models import Decision, StepState, ToolData, ToolParams, Verdict
from goal_agent.receipts import recall, remember
from goal_agent.sizes import clip
from goal_agent.talk import Talk


class StepNotWaiting(ApplicationError):
    """A confirmation or cancellation for a step that does not wait for one."""

    def __init__(self, step_id: str, waiting: str | None) -> None:
        """Say which step waits, if one does."""
        now = f"{waiting!r} does" if waiting else "none does"
        super().__init__(
            f"step {step_id!r} does not wait for a confirmation; {now}",
            type=StepNotWaiting.__name__,
            non_retryable=True,
        )


class Steps:
    """The latest step. Its state is set the moment a message is handled.

    So the second of two confirmations is refused, even when both arrive at once.

    Args:
        talk: The conversation, which gets an entry for each decision.
        given: What an earlier run has carried over.
    """

    def __init__(self, talk: Talk, given: ToolParams) -> None:
        self.latest = given.tool_data
        self.decided = {**given.decided}
        self._talk = talk

    @property
    def waiting(self) -> str | None:
        """The id of the step that waits for its confirmation."""
        return self.latest.step_id if self.latest and self.is_in(StepState.WAITING) else None

    def is_in(self, state: StepState) -> bool:
        """Whether the latest step is in a state."""
        return self.latest is not None and self.latest.state is state

    def propose(self, step_id: str, tool: str, args: dict[str, JsonValue]) -> None:
        """Begin a step; it waits."""
        self.latest = ToolData(
            step_id=step_id, tool=tool, args=args, state=StepState.WAITING, result=None
        )

    def check(self, step_id: str) -> None:
        """Check that a step waits, or that the current update has decided on it already.

        Raises:
            StepNotWaiting: It does not.
        """
        if step_id != self.waiting and recall(self.decided) is None:
            raise StepNotWaiting(step_id[:100], self.waiting)

    def answer(self, step_id: str, verdict: Verdict) -> ToolData:
        """Decide on the step that waits for an update; return it.

        Raises:
            StepNotWaiting: It is another one, or none.
        """
        self.check(step_id)
        return recall(self.decided) or remember(self.decided, self.decide(verdict))

    def decide(self, verdict: Verdict) -> ToolData:
        """Confirm or cancel the step that waits; record the decision, and return the step.

        Raises:
            StepNotWaiting: None does.
        """
        state = StepState.CANCELLED if verdict == "cancelled" else StepState.RUNNING
        if not self.waiting:
            raise StepNotWaiting("", None)
        step = self.become(state)
        self._talk.record(
            Decision(step_id=step.step_id, tool=step.tool, args=step.args, verdict=verdict)
        )
        return step

    def become(self, state: StepState, result: str | None = None) -> ToolData:
        """Give the latest step a new state; return it.

        Raises:
            StepNotWaiting: There has been no step.
        """
        if self.latest is None:
            raise StepNotWaiting("", None)
        text = None if result is None else clip(result)
        self.latest = self.latest.model_copy(update={"state": state, "result": text})
        return self.latest

    def give_up_running(self) -> None:
        """Report the outcome of the step that runs as unknown, if one does."""
        if self.latest and self.is_in(StepState.RUNNING):
            tool = self.latest.tool
            unknown = f"{tool} was stopped. Its outcome is unknown: it may have been done."
            self.become(StepState.FAILED, unknown)
            self._talk.say("tool", unknown)

    def cancel_waiting(self) -> None:
        """Cancel the step that waits, if one does."""
        if self.waiting:
            self.decide("cancelled")
