"""Tools of an MCP server on HTTP: all workflows of a worker share one connection to it."""

from durable_agents import InvalidInput

from agents import Agent, Runner
from temporalio import workflow
from temporalio.openai_agents.workflow import temporal_mcp_server

with workflow.unsafe.imports_passed_through():
    from mcp_servers.calls import CALLS, tell_the_model


@workflow.defn
class StreamableHttpWorkflow:
    """Answers a question about quantities; the units are converted by a server."""

    @workflow.run
    async def run(self, question: str) -> str:
        """Return the answer to `question`.

        Raises:
            InvalidInput: The question is empty.
        """
        if not question.strip():
            raise InvalidInput("question is empty: ask for something in another unit")
        units = temporal_mcp_server("units", CALLS, failure_error_function=tell_the_model)
        agent = Agent(
            name="Unit assistant",
            instructions="""
                Answer questions about quantities. Never convert units yourself: call convert, once
                for each quantity, and repeat what it says.
            """,
            mcp_servers=[units],
        )
        result = await Runner.run(agent, question)
        return result.final_output_as(str)
