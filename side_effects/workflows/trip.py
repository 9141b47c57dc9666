"""All or nothing: a failed, stopped, or refused run undoes its bookings, in reverse order.

A booking whose outcome is unknown is undone as well. A person decides on what cannot be undone.
"""

from durable_agents import require_text

from datetime import timedelta

from agents import Agent, Runner
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from side_effects.bookings import REFUSALS, booking_tools, make_report
    from side_effects.models import PersonName
    from side_effects.saga import Abandoned, Decision, Saga, shielded
    from side_effects.trip_models import TripAnswer, TripProgress, TripReport

WEEK = timedelta(days=7)


@workflow.defn
class TripWorkflow:
    """Books everything that a request asks for, or nothing."""

    @workflow.init
    def __init__(self, request: str, decision_timeout: timedelta = WEEK) -> None:
        self._saga = Saga(decision_timeout, REFUSALS)

    @workflow.run
    async def run(self, request: str, decision_timeout: timedelta = WEEK) -> TripReport:
        """Return the report; wait `decision_timeout`, up to a year, for people's decisions.

        A run that fails or is cancelled raises its error after everything is undone, or NotUndone
        if a booking could not be cancelled and nobody decided in time.
        """
        require_text(request, "request", max_length=4_000)
        agent = Agent(
            name="Travel agent",
            instructions="""
                Book what you are asked for, with the offers of the city. If the outcome of a
                booking is unknown, find out. If anything cannot be booked, do not replace it:
                your answer is then that the trip is not complete, and all bookings are undone.
            """,
            tools=booking_tools(self._saga),
            output_type=TripAnswer,
        )
        try:
            async with self._saga:
                result = await self._saga.run(Runner.run(agent, request))
                answer = result.final_output_as(TripAnswer)
                if not answer.is_complete:
                    raise Abandoned(answer.message)
        except Abandoned as reason:
            answer = TripAnswer(is_complete=False, message=reason.message)
        return await shielded(make_report(answer, self._saga.journal))

    @workflow.query
    def get_progress(self) -> TripProgress:
        """Return what was booked and undone, and the bookings that need a person's decision."""
        return TripProgress(journal=self._saga.journal, stuck=list(self._saga.stuck.values()))

    @workflow.update
    def stop(self, by: PersonName) -> bool:
        """Stop at once and undo all bookings; return False if it is too late for that."""
        return self._saga.stop(by)

    @workflow.update
    def decide(self, step: str, decision: Decision, by: PersonName) -> None:
        """Try again to cancel a booking, or record that a person has resolved it otherwise."""
        self._saga.decide(step, decision, by)

    @decide.validator
    def _validate_decision(self, step: str, decision: Decision, by: PersonName) -> None:
        self._saga.check_decision(step, decision)
