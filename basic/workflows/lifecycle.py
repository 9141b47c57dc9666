"""Run hooks: log every event of a run, across agents, with the tokens used so far."""

from durable_agents import InvalidInput

from agents import Runner
from temporalio import workflow

from basic.lifecycle_agents import build_start_agent

with workflow.unsafe.imports_passed_through():
    from basic.hooks import RunLog
    from basic.models import FinalResult


@workflow.defn
class LifecycleWorkflow:
    """Draws a number, doubles it if it is odd, and logs every event of the run."""

    def __init__(self) -> None:
        self.log = RunLog()

    @workflow.run
    async def run(self, max_number: int) -> FinalResult:
        """Return an even number: drawn from 0 to `max_number`, and doubled if odd.

        Raises:
            InvalidInput: `max_number` is below 1.
        """
        if max_number < 1:
            raise InvalidInput(f"max_number is {max_number}; the minimum is 1")
        result = await Runner.run(
            build_start_agent(),
            f"Draw a random number between 0 and {max_number}.",
            hooks=self.log,
        )
        return result.final_output_as(FinalResult)

    @workflow.query
    def get_events(self) -> list[str]:
        """Return the events so far, oldest first."""
        return self.log.events
