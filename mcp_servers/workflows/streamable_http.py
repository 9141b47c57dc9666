"""An MCP server on streamable HTTP: all workflows on a worker share one connection."""

from durable_agents import require_text

from agents import Agent, Runner
from temporalio import workflow
from temporalio.openai_agents.workflow import temporal_mcp_server

with workflow.unsafe.imports_passed_through():
    from mcp_servers.calls import CALL_OPTIONS, describe_failure


@workflow.defn
class StreamableHttpWorkflow:
    """Answers a question about quantities; a server converts the units."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question is empty.
        """
        require_text(question, "question")
        units = temporal_mcp_server("units", CALL_OPTIONS, failure_error_function=describe_failure)
        agent = Agent(
            name="Unit assistant",
            instructions="""
                Answer questions about quantities. Never convert units yourself: call convert once
                for each quantity, and repeat its result.
            """,
            mcp_servers=[units],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
