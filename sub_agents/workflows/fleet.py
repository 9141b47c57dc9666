"""Hundreds of sub-agents with a sliding window: failures are named, and runs stay short.

Each lane runs one item after the other, as child workflows. A run that has started its share of the
items lets its lanes finish, and continues as new with the rest.
"""

from durable_agents import require_text

from agents import Agent, Runner
from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from sub_agents.children import child_id, raise_if_cancelled, shorten, wait_for_all
    from sub_agents.fleet import MAX_RESULT_LENGTH, Fleet
    from sub_agents.models import FleetProgress, FleetReport, FleetState
    from sub_agents.tickets import ticket


@workflow.defn
class TicketAgent:
    """The sub-agent: summarizes one ticket."""

    @workflow.run
    async def run(self, number: int) -> str:
        """Return the summary; raise InvalidInput if the ticket is blank."""
        text = ticket(number)
        require_text(text, f"ticket {number}")
        agent = Agent(name="Clerk", instructions="Summarize the support ticket in one sentence.")
        result = await Runner.run(agent, text)
        return shorten(result.final_output_as(str), MAX_RESULT_LENGTH)


@workflow.defn
class FleetWorkflow:
    """Runs a sub-agent for each item, a window of them at a time."""

    def __init__(self) -> None:
        self._fleet = Fleet(1, 1, FleetState())

    @workflow.run
    async def run(
        self, items: int = 500, window: int = 20, state: FleetState | None = None
    ) -> FleetReport:
        """Return the result or the failure of each item. Later runs continue from `state`.

        Raises InvalidInput, or ApplicationError (`NoItemSucceeded`) if all, or the first 20, fail.
        """
        self._fleet = Fleet(items, window, state or FleetState())
        await wait_for_all(self._lane() for _ in range(window))
        self._fleet.check_successes()
        if self._fleet.is_unfinished:
            workflow.continue_as_new(args=[items, window, self._fleet.to_state()])
        return self._fleet.report()

    async def _lane(self) -> None:
        timeout = self._fleet.child_timeout
        while (item := self._fleet.take()) is not None:
            try:
                result = await workflow.execute_child_workflow(
                    TicketAgent.run, item, id=child_id(str(item)), execution_timeout=timeout
                )
            except FailureError as error:
                raise_if_cancelled()
                self._fleet.fail(item, error)
            else:
                raise_if_cancelled()
                self._fleet.complete(item, result)

    @workflow.query
    def get_progress(self) -> FleetProgress:
        """Return the progress of the fleet over all runs."""
        return self._fleet.progress()
