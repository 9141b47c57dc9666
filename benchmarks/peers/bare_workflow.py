"""Temporal without an agent: as many calls as the agent makes, none of which reaches a model."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.peers.activities import get_weather

CALLS = 3  # two of the model, and one of a tool


@workflow.defn(name="Weather")
class BareWorkflow:
    """Makes local activities, one after the other."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the last result."""
        timeout, answer = timedelta(seconds=60), question
        for _ in range(CALLS):
            answer = await workflow.execute_local_activity(
                get_weather, question, start_to_close_timeout=timeout
            )
        return answer
