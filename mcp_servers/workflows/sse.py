"""The legacy transport, server-sent events: nothing changes in the workflow, only on the worker.

`mcp_servers/connections.py` says `MCPServerSse` where it would say `MCPServerStreamableHttp`.
"""

from durable_agents import InvalidInput

from agents import Agent, Runner
from temporalio import workflow
from temporalio.openai_agents.workflow import temporal_mcp_server

with workflow.unsafe.imports_passed_through():
    from mcp_servers.calls import CALLS, tell_the_model


@workflow.defn
class SseWorkflow:
    """Answers a question about trains from a timetable."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question is empty.
        """
        if not question.strip():
            raise InvalidInput("question is empty: ask when a train leaves")
        timetable = temporal_mcp_server("timetable", CALLS, failure_error_function=tell_the_model)
        agent = Agent(
            name="Timetable assistant",
            instructions="Say which train to take, in one sentence, from the timetable alone.",
            mcp_servers=[timetable],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
