"""A trace that starts in the client: its span is the parent of every span in the workflow.

The starter opens an OpenTelemetry span and starts the workflow in it. The agents plugin propagates
the ids, so the workflow needs no code for it: its trace continues the client's. The tree shows how
long the user waited, and for which agent.
"""

from durable_agents import require_text

from agents import Agent, Runner, trace
from temporalio import workflow

from tracing.pilot import pilot


@workflow.defn
class ClientTraceWorkflow:
    """One agent looks up the tides, and another writes a notice about them."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return a notice that answers `question`.

        Raises:
            InvalidInput: The question is empty.
        """
        require_text(question, "question")
        writer = Agent(
            name="Harbor master",
            instructions="Turn the pilot's answer into a notice for the harbor's board.",
        )
        with trace("Harbor notice"):
            found = await Runner.run(pilot(), question)
            notice = await Runner.run(writer, f"The pilot says: {found.final_output}")
        return notice.final_output_as(str)
