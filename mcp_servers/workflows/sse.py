"""The legacy SSE transport: it changes the connection on the worker, not the workflow.

`mcp_servers/connections.py` uses `MCPServerSse` in place of `MCPServerStreamableHttp`.
"""

from durable_agents import require_text

from agents import Agent, Runner
from temporalio import workflow
from temporalio.openai_agents.workflow import temporal_mcp_server

with workflow.unsafe.imports_passed_through():
    from mcp_servers.calls import CALL_OPTIONS, describe_failure


@workflow.defn
class SseWorkflow:
    """Answers a question about trains from a timetable."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question is empty.
        """
        require_text(question, "question")
        timetable = temporal_mcp_server(
            "timetable", CALL_OPTIONS, failure_error_function=describe_failure
        )
        agent = Agent(
            name="Timetable assistant",
            instructions="Say which train to take, in one sentence, from the timetable alone.",
            mcp_servers=[timetable],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
