"""A trace that begins in the client: its span is the parent of all that the workflow does.

The starter opens a span of OpenTelemetry and starts the workflow in it; the agents plugin sends the
ids along. Here, nothing is to be done: the trace of the two agents continues the client's. On the
tree one sees how long the user waited, and which agent they waited for.
"""

from durable_agents import InvalidInput

from agents import Agent, Runner, trace
from temporalio import workflow

from tracing.pilot import pilot


@workflow.defn
class ClientTraceWorkflow:
    """Has one agent find the tides, and another make a notice of them."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return a notice that answers `question`.

        Raises:
            InvalidInput: The question is empty.
        """
        if not question.strip():
            raise InvalidInput("question is empty: ask when it is high water somewhere")
        writer = Agent(
            name="Harbor master",
            instructions="Turn what the pilot says into a notice for the harbor's board.",
        )
        with trace("Harbor notice"):
            found = await Runner.run(pilot(), question)
            notice = await Runner.run(writer, f"The pilot says: {found.final_output}")
        return notice.final_output_as(str)
