"""The step at hand: it waits for its own confirmation, and is confirmed or cancelled once."""

from pydantic import JsonValue
from temporalio.exceptions import ApplicationError

from goal_agent.models import StepState, ToolData


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
    """

    def __init__(self) -> None:
        """Begin without one."""
        self.latest: ToolData | None = None

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
        """Check that a step waits.

        Raises:
            StepNotWaiting: It does not.
        """
        if step_id != self.waiting:
            raise StepNotWaiting(step_id[:100], self.waiting)

    def decide(self, step_id: str, state: StepState) -> ToolData:
        """Confirm the step that waits (`RUNNING`), or cancel it; return it.

        Raises:
            StepNotWaiting: It is another one, or none.
        """
        self.check(step_id)
        return self.become(state)

    def become(self, state: StepState, result: str | None = None) -> ToolData:
        """Give the latest step a new state; return it.

        Raises:
            StepNotWaiting: There has been no step.
        """
        if self.latest is None:
            raise StepNotWaiting("", None)
        self.latest = self.latest.model_copy(update={"state": state, "result": result})
        return self.latest

    def cancel_waiting(self) -> None:
        """Cancel the step that waits, if one does."""
        if self.waiting:
            self.become(StepState.CANCELLED)
