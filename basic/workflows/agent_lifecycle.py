"""Agent hooks: log the events of one agent; draw a random number that survives replay."""

from durable_agents import InvalidInput

from agents import Runner
from temporalio import workflow

from basic.lifecycle_agents import build_start_agent

with workflow.unsafe.imports_passed_through():
    from basic.hooks import AgentLog
    from basic.models import FinalResult


@workflow.defn
class AgentLifecycleWorkflow:
    """Draws a number, doubles it if it is odd, and logs the first agent's events."""

    def __init__(self) -> None:
        self.log = AgentLog()

    @workflow.run
    async def run(self, max_number: int) -> FinalResult:
        """Return an even number: drawn from 0 to `max_number`, and doubled if odd.

        Raises:
            InvalidInput: `max_number` is below 1.
        """
        if max_number < 1:
            raise InvalidInput(f"max_number is {max_number}; the minimum is 1")
        result = await Runner.run(
            build_start_agent(hooks=self.log),
            f"Draw a random number between 0 and {max_number}.",
        )
        return result.final_output_as(FinalResult)

    @workflow.query
    def get_events(self) -> list[str]:
        """Return the first agent's events so far, oldest first."""
        return self.log.events
